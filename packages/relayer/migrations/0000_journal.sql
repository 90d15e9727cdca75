CREATE TABLE `relayer_epochs` (
	`epoch` integer NOT NULL,
	`digest` text NOT NULL,
	`header` text NOT NULL,
	`cut` text NOT NULL,
	`chain_roots` text NOT NULL,
	`earlier` text NOT NULL,
	`proposer` text NOT NULL,
	`proposer_signature` text NOT NULL,
	`content` blob,
	`attested_at_ms` integer,
	PRIMARY KEY(`epoch`, `digest`)
);
--> statement-breakpoint
CREATE INDEX `relayer_epochs_attested` ON `relayer_epochs` (`attested_at_ms`);--> statement-breakpoint
CREATE TABLE `relayer_journal` (
	`epoch` integer PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`root` text NOT NULL,
	`signature` text NOT NULL,
	`cut` text NOT NULL,
	`signed_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `relayer_postings` (
	`eid` integer NOT NULL,
	`epoch` integer NOT NULL,
	`reason` text NOT NULL,
	`transaction_hash` text NOT NULL,
	`block_number` integer NOT NULL,
	`gas_used` integer NOT NULL,
	`posted_at_ms` integer NOT NULL,
	PRIMARY KEY(`eid`, `epoch`)
);
--> statement-breakpoint
CREATE TABLE `relayer_signatures` (
	`epoch` integer NOT NULL,
	`digest` text NOT NULL,
	`signer` text NOT NULL,
	`signature` text NOT NULL,
	`header` text NOT NULL,
	PRIMARY KEY(`epoch`, `digest`, `signer`)
);
--> statement-breakpoint
CREATE INDEX `relayer_signatures_signer` ON `relayer_signatures` (`epoch`,`signer`);