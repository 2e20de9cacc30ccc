-- gcra.Rate.Take, by the clock of Redis. KEYS[1] holds when the key will have all of its requests again, in microseconds since
-- 1970, which a double holds exactly; ARGV is the interval and the number of requests. Returns whether the request is
-- allowed, how many are left, and the microseconds until the next.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, requests = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or '0')
local debt = math.max(full - now, 0) + interval
local over = debt - interval * requests
if over > 0 then
  return {0, 0, over}
end
redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
return {1, math.floor(-over / interval), 0}
