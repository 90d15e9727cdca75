-- Rows from before have no times: every chain is read again from its start.
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
ALTER TABLE `feed_answers` ADD `at_seconds` integer NOT NULL;--> statement-breakpoint
ALTER TABLE `feed_answers` ADD `volatility` text;--> statement-breakpoint
CREATE INDEX `feed_answers_at` ON `feed_answers` (`eid`,`feed`,`at_seconds`);--> statement-breakpoint
ALTER TABLE `risk_settings` ADD `at_seconds` integer NOT NULL;