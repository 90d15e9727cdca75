import type { VolatilityRule } from "@plimsoll/risk/multiplier/feed-volatility";

/**
 * How volatility is read from a feed's answers: the same for every feed and at all times, so that the estimate at a block
 * follows from the chain up to it and from nothing else. What is made of it is registered (`VolatilityPolicy`), the floor
 * that stands for stressed times included.
 *
 * A feed starts at half a percent an hour, about what bitcoin does.
 */
export const feedVolatilityRule: VolatilityRule = {
  fastHalfLifeSeconds: 86_400,
  slowHalfLifeSeconds: 2_592_000,
  sampleSeconds: 300,
  stressedVolatilityE8: 0n,
  referenceVolatilityE8: 500_000n,
};
