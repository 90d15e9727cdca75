ALTER TABLE `relayer_epochs` ADD `layout` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Every encoding begins with its layout; no version so far had one above 9, and so the hexadecimal digits are decimal ones, too.
UPDATE `relayer_epochs` SET `layout` = coalesce((SELECT CAST(hex(substr(`content`, 1, 1)) AS integer) FROM `relayer_contents` AS `c` WHERE `c`.`epoch` = `relayer_epochs`.`epoch` AND `c`.`digest` = `relayer_epochs`.`digest`), 0);
