CREATE TABLE `operator_sets` (
	`eid` integer NOT NULL,
	`source` text NOT NULL,
	`id` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`threshold` integer NOT NULL,
	`members` text NOT NULL,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE TABLE `posted_epochs` (
	`eid` integer NOT NULL,
	`epoch` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`transaction_hash` text NOT NULL,
	`root` text NOT NULL,
	`chain_root` text NOT NULL,
	`expires_at_seconds` integer NOT NULL,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE INDEX `posted_epochs_newest` ON `posted_epochs` (`eid`,`epoch`);--> statement-breakpoint
CREATE TABLE `blocks` (
	`eid` integer NOT NULL,
	`number` integer NOT NULL,
	`hash` text NOT NULL,
	`parent_hash` text NOT NULL,
	`timestamp_seconds` integer NOT NULL,
	PRIMARY KEY(`eid`, `number`)
);
--> statement-breakpoint
CREATE TABLE `checkpoints` (
	`eid` integer PRIMARY KEY NOT NULL,
	`indexed_number` integer NOT NULL,
	`indexed_hash` text NOT NULL,
	`finalized_number` integer,
	`halted` text
);
--> statement-breakpoint
CREATE TABLE `deployment` (
	`eid` integer PRIMARY KEY NOT NULL,
	`identity` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `ledger_totals` (
	`eid` integer NOT NULL,
	`vault_eid` integer NOT NULL,
	`account` text NOT NULL,
	`asset` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`deposited` text NOT NULL,
	`withdrawn` text NOT NULL,
	`sequence` text NOT NULL,
	PRIMARY KEY(`account`, `eid`, `vault_eid`, `asset`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `ledger_totals_in_force` ON `ledger_totals` (`eid`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `vault_totals` (
	`eid` integer NOT NULL,
	`account` text NOT NULL,
	`asset` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`deposited` text NOT NULL,
	`withdrawn` text NOT NULL,
	`requested_total` text NOT NULL,
	PRIMARY KEY(`account`, `eid`, `asset`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `vault_totals_in_force` ON `vault_totals` (`eid`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `weights` (
	`eid` integer NOT NULL,
	`account` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`list` text NOT NULL,
	PRIMARY KEY(`account`, `eid`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `weights_in_force` ON `weights` (`eid`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `packets_delivered` (
	`eid` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`transaction_hash` text NOT NULL,
	`timestamp_seconds` integer NOT NULL,
	`guid` text NOT NULL,
	`payload_hash` text NOT NULL,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE INDEX `packets_delivered_message` ON `packets_delivered` (`guid`,`payload_hash`);--> statement-breakpoint
CREATE TABLE `packets_failed` (
	`eid` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`transaction_hash` text NOT NULL,
	`timestamp_seconds` integer NOT NULL,
	`guid` text NOT NULL,
	`payload_hash` text NOT NULL,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE INDEX `packets_failed_message` ON `packets_failed` (`guid`,`payload_hash`);--> statement-breakpoint
CREATE TABLE `packets_sent` (
	`eid` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`transaction_hash` text NOT NULL,
	`timestamp_seconds` integer NOT NULL,
	`guid` text NOT NULL,
	`payload_hash` text NOT NULL,
	`nonce` text NOT NULL,
	`src_eid` integer NOT NULL,
	`dst_eid` integer NOT NULL,
	`sender` text NOT NULL,
	`receiver` text NOT NULL,
	`account` text,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE INDEX `packets_sent_message` ON `packets_sent` (`guid`,`payload_hash`);--> statement-breakpoint
CREATE INDEX `packets_sent_account` ON `packets_sent` (`account`,`timestamp_seconds`);--> statement-breakpoint
CREATE INDEX `packets_sent_time` ON `packets_sent` (`timestamp_seconds`,`guid`,`payload_hash`);--> statement-breakpoint
CREATE TABLE `packets_verified` (
	`eid` integer NOT NULL,
	`block` integer NOT NULL,
	`log_index` integer NOT NULL,
	`transaction_hash` text NOT NULL,
	`timestamp_seconds` integer NOT NULL,
	`guid` text NOT NULL,
	`payload_hash` text NOT NULL,
	`nonce` text NOT NULL,
	`src_eid` integer NOT NULL,
	`dst_eid` integer NOT NULL,
	`sender` text NOT NULL,
	`receiver` text NOT NULL,
	PRIMARY KEY(`eid`, `block`, `log_index`)
);
--> statement-breakpoint
CREATE INDEX `packets_verified_message` ON `packets_verified` (`guid`,`payload_hash`);--> statement-breakpoint
CREATE TABLE `cash` (
	`eid` integer NOT NULL,
	`consumer` text NOT NULL,
	`account` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`amount` text NOT NULL,
	PRIMARY KEY(`account`, `eid`, `consumer`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `cash_in_force` ON `cash` (`eid`,`consumer`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `positions` (
	`eid` integer NOT NULL,
	`consumer` text NOT NULL,
	`account` text NOT NULL,
	`instrument` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`size` text NOT NULL,
	PRIMARY KEY(`account`, `eid`, `consumer`, `instrument`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `positions_in_force` ON `positions` (`eid`,`consumer`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `feed_answers` (
	`eid` integer NOT NULL,
	`feed` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`answer` text NOT NULL,
	`updated_at_seconds` integer NOT NULL,
	PRIMARY KEY(`eid`, `feed`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `feed_answers_in_force` ON `feed_answers` (`eid`,`until_block`,`from_block`);--> statement-breakpoint
CREATE TABLE `risk_settings` (
	`eid` integer NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`setting` text NOT NULL,
	`version` integer NOT NULL,
	PRIMARY KEY(`eid`, `kind`, `key`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `risk_settings_in_force` ON `risk_settings` (`eid`,`until_block`,`from_block`);