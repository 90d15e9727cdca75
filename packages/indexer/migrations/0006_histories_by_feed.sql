DROP TABLE `feed_histories`;--> statement-breakpoint
CREATE TABLE `feed_histories` (
	`eid` integer NOT NULL,
	`feed` text NOT NULL,
	`number` integer NOT NULL,
	`hash` text NOT NULL,
	`blocks` text NOT NULL,
	PRIMARY KEY(`eid`, `feed`, `number`)
);
