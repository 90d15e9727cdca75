// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";

/// @title Whether the owner of an account signed something
library OwnerSignature {
    /// @dev An owner with code (ERC-1271) is asked, by a static call, only when the signature is not an ordinary one of
    /// the owner's key: an account that EIP-7702 gave code still has its key. Nobody signs for the zero address.
    function isValid(address owner, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (owner == address(0)) return false;
        return ECDSA.tryRecoverCalldata(digest, signature) == owner
            || SignatureCheckerLib.isValidERC1271SignatureNowCalldata(owner, digest, signature);
    }
}
