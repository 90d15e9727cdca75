CREATE TABLE `relayer_snapshots` (
	`digest` text PRIMARY KEY NOT NULL,
	`content` blob NOT NULL
);
--> statement-breakpoint
ALTER TABLE `relayer_epochs` ADD `snapshot` text;