CREATE TABLE `feed_histories` (
	`eid` integer NOT NULL,
	`number` integer NOT NULL,
	`hash` text NOT NULL,
	`feeds` text NOT NULL,
	`blocks` text NOT NULL,
	PRIMARY KEY(`eid`, `number`)
);
