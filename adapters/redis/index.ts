export { openRedisLive, type RedisLiveOptions } from "./live/live-channel.ts";
export { openRedisTier, type RedisTierOptions } from "./tier/open-tier.ts";
