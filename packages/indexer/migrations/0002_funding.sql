-- Rows from before know no open interest: every chain is read again from its start.
DELETE FROM `feed_answers`;--> statement-breakpoint
DELETE FROM `risk_settings`;--> statement-breakpoint
DELETE FROM `operator_sets`;--> statement-breakpoint
DELETE FROM `posted_epochs`;--> statement-breakpoint
DELETE FROM `ledger_totals`;--> statement-breakpoint
DELETE FROM `vault_totals`;--> statement-breakpoint
DELETE FROM `weights`;--> statement-breakpoint
DELETE FROM `packets_delivered`;--> statement-breakpoint
DELETE FROM `packets_failed`;--> statement-breakpoint
DELETE FROM `packets_sent`;--> statement-breakpoint
DELETE FROM `packets_verified`;--> statement-breakpoint
DELETE FROM `cash`;--> statement-breakpoint
DELETE FROM `positions`;--> statement-breakpoint
DELETE FROM `blocks`;--> statement-breakpoint
DELETE FROM `checkpoints`;--> statement-breakpoint
CREATE TABLE `open_interests` (
	`eid` integer NOT NULL,
	`consumer` text NOT NULL,
	`instrument` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`at_seconds` integer NOT NULL,
	`size` text NOT NULL,
	PRIMARY KEY(`eid`, `consumer`, `instrument`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `open_interests_in_force` ON `open_interests` (`eid`,`consumer`,`until_block`,`from_block`);--> statement-breakpoint
CREATE INDEX `open_interests_at` ON `open_interests` (`eid`,`consumer`,`instrument`,`at_seconds`,`from_block`);--> statement-breakpoint
CREATE TABLE `premiums` (
	`eid` integer NOT NULL,
	`consumer` text NOT NULL,
	`instrument` text NOT NULL,
	`from_block` integer NOT NULL,
	`until_block` integer NOT NULL,
	`at_seconds` integer NOT NULL,
	`premium_seconds` text NOT NULL,
	`premium` text NOT NULL,
	`volume` text NOT NULL,
	PRIMARY KEY(`eid`, `consumer`, `instrument`, `from_block`)
);
--> statement-breakpoint
CREATE INDEX `premiums_in_force` ON `premiums` (`eid`,`consumer`,`until_block`,`from_block`);--> statement-breakpoint
CREATE INDEX `premiums_at` ON `premiums` (`eid`,`consumer`,`instrument`,`at_seconds`,`from_block`);