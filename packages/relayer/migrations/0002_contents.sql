CREATE TABLE `relayer_contents` (
	`epoch` integer NOT NULL,
	`digest` text NOT NULL,
	`content` blob NOT NULL,
	PRIMARY KEY(`epoch`, `digest`)
);
--> statement-breakpoint
INSERT INTO `relayer_contents` SELECT `epoch`, `digest`, `content` FROM `relayer_epochs` WHERE `content` IS NOT NULL;--> statement-breakpoint
ALTER TABLE `relayer_epochs` DROP COLUMN `content`;