import type { ProblemCode } from "./problem.ts";

/** What each code means and what to do, for docs/ERRORS.md and for the page that a problem's `type` leads to. */
export const problemDocs: Readonly<Record<ProblemCode, { readonly meaning: string; readonly remedy: string }>> = {
  "malformed-request": {
    meaning: "A parameter or the body does not have the form that the route takes. `detail` names it.",
    remedy: "Compare the request with `/docs` or `/openapi.json`.",
  },
  "unknown-account": {
    meaning: "The account has never deposited and never traded, as far as this node has read.",
    remedy:
      "An account id is its owner's address and a 12 byte sub-account number. A deposit is known a block after it is made.",
  },
  "unknown-epoch": {
    meaning: "No epoch of that number is attested as far as this node knows. Numbers may be left out for good.",
    remedy: "`GET /v1/epochs` lists those that are.",
  },
  "epoch-pruned": {
    meaning:
      "The epoch is attested, and no longer ready for proofs: those are of the newest epochs and of those that a chain has posted.",
    remedy: "Leave out `epoch`, and prove against the newest one.",
  },
  "no-epoch-yet": {
    meaning: "The node has just started, or the deployment has, and there is nothing attested to answer from.",
    remedy: "Try again in a moment, or ask another operator. `GET /ready` says when it is over.",
  },
  "unknown-chain": {
    meaning: "No chain of the deployment has that eid.",
    remedy: "`GET /v1/chains` lists the chains.",
  },
  "unknown-consumer": {
    meaning: "The address is no consumer on that chain.",
    remedy: "`GET /v1/chains` lists the consumers of every chain.",
  },
  "unknown-instrument": {
    meaning: "The instrument has no leaf in that epoch.",
    remedy: "Check its id; an instrument registered a moment ago is in the next epoch.",
  },
  "unknown-asset": {
    meaning: "The token is not registered as collateral on that chain.",
    remedy: "`GET /v1/accounts/{account}` lists an account's assets.",
  },
  "account-not-valued": {
    meaning: "The account holds something that has no price at the moment, or more than figures have room for.",
    remedy: "Ask again when its feeds are back. Until then the account may only reduce.",
  },
  "impossible-question": {
    meaning: "What is supposed cannot be: an unknown instrument, more paid out than there is, a price out of range.",
    remedy: "`detail` names it. Instruments, assets and chains are those of the account's view.",
  },
  "nothing-approved": {
    meaning:
      "The epoch lets nothing of that asset go to that account: no withdrawal is approved, and nothing is kept for exit.",
    remedy:
      "Request one on the vault; if it was, the account needs that collateral. The account's view says how much is free.",
  },
  "no-queue": {
    meaning:
      "The epoch does not say that the account is insolvent, or nobody holds the other side of what it has there.",
    remedy: "`GET /v1/liquidations` lists the accounts that are insolvent, and what they hold.",
  },
  "unknown-message": {
    meaning: "No LayerZero message of this deployment has that guid, as far as this node has read.",
    remedy: "It may be too new. `GET /v1/chains` says how far the node has read.",
  },
  "unknown-route": { meaning: "There is no such path.", remedy: "`/docs` lists all routes." },
  "refused-body": { meaning: "The body is larger than the route takes.", remedy: "Send less." },
  "too-many-requests": {
    meaning:
      "The address has used up its share of this node: so many requests a second, after a burst; what is dear counts as several.",
    remedy: "Wait as long as `Retry-After` says. Follow `/v1/live` instead of polling, or run a node.",
  },
  "too-many-streams": {
    meaning: "The address, or all addresses together, have as many streams open as this node serves.",
    remedy: "Close one, or ask another operator.",
  },
  "peer-unauthenticated": {
    meaning:
      "The route is for the other operators, and the request is not one of theirs. `detail` says what is wrong with it.",
    remedy: "An operator: compare clocks, `[[peers]]` and `domainSalt` on both sides; `plimsoll check` does.",
  },
  internal: { meaning: "The node failed to answer.", remedy: "Try again; its operator finds the reason in the log." },
};
