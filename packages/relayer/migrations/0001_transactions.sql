CREATE TABLE `relayer_attempts` (
	`eid` integer NOT NULL,
	`nonce` integer NOT NULL,
	`number` integer NOT NULL,
	`key` text NOT NULL,
	`purpose` text NOT NULL,
	`to` text NOT NULL,
	`data` text NOT NULL,
	`value_wei` text NOT NULL,
	`gas_limit` text NOT NULL,
	`max_fee_per_gas` text NOT NULL,
	`max_priority_fee_per_gas` text NOT NULL,
	`expires_at_ms` integer,
	`hash` text NOT NULL,
	`raw` text NOT NULL,
	`recorded_at_ms` integer NOT NULL,
	`recorded_at_block` integer NOT NULL,
	`sent_at_ms` integer,
	PRIMARY KEY(`eid`, `nonce`, `number`)
);
--> statement-breakpoint
CREATE INDEX `relayer_attempts_key` ON `relayer_attempts` (`eid`,`key`);--> statement-breakpoint
CREATE TABLE `relayer_nonces` (
	`eid` integer NOT NULL,
	`nonce` integer NOT NULL,
	`state` text NOT NULL,
	`unwanted` integer NOT NULL,
	`mined_hash` text,
	`block_number` integer,
	`block_hash` text,
	`succeeded` integer,
	`gas_used` integer,
	`fee_wei` text,
	`mined_at_ms` integer,
	PRIMARY KEY(`eid`, `nonce`)
);
--> statement-breakpoint
CREATE INDEX `relayer_nonces_state` ON `relayer_nonces` (`eid`,`state`,`nonce`);