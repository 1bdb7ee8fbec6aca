import { createHash } from "node:crypto";

/** Bytes at the start of a state that change with every write. */
export const TOKEN_BYTES = 16;
/** Token of a point that has no state. */
export const NO_TOKEN = "-".repeat(TOKEN_BYTES);
/** Bytes of a point's argument before its state: token expected, number of hours (uint32, little-endian), four bytes of nothing. */
export const HEAD_BYTES = 24;
/** Instead of a state's bytes: the state goes away. */
export const NO_STATE = "-";
/** First byte of an hour's argument: what to do with the bytes that follow. */
export const hourSteps = { append: 65, set: 83, delete: 68 } as const;

/**
 * Writes points: only where a point's state still has the token expected, and where the hours that are appended to are there (an hour that expired
 * ends the point's writing; facts that were appended to others before it stay, which is no harm, for they are true). Gives the numbers (from 1)
 * of the points that were not written.
 *
 * KEYS: for each point its state, then its hours. ARGV: milliseconds that states and hours live (0: for ever), then for each point its head with the
 * state (empty: stays as it is), then its hours. Few arguments, because each costs the client and the server as much as a dozen bytes. What takes
 * memory goes first, since a script that is refused for lack of it is refused at its first such command.
 */
export const WRITE_POINTS = `
local stateMs, hourMs = ARGV[1], ARGV[2]
local call, byte, sub = redis.call, string.byte, string.sub
local refused = {}
local key, arg, point = 1, 3, 0
local function put(name, bytes, ms)
  if ms == '0' then call('SET', name, bytes) else call('SET', name, bytes, 'PX', ms) end
end
while key <= #KEYS do
  point = point + 1
  local head = ARGV[arg]
  local b1, b2, b3 = byte(head, ${TOKEN_BYTES + 1}, ${TOKEN_BYTES + 3})
  local hours = b1 + 256 * b2 + 65536 * b3
  local token = call('GETRANGE', KEYS[key], 0, ${TOKEN_BYTES - 1})
  if token == '' then token = '${NO_TOKEN}' end
  local holds = token == sub(head, 1, ${TOKEN_BYTES})
  for h = 1, hours do
    local step = byte(ARGV[arg + h], 1)
    if not holds then break end
    if step == ${hourSteps.append} then
      local bytes = sub(ARGV[arg + h], 2)
      if call('APPEND', KEYS[key + h], bytes) == #bytes then
        call('DEL', KEYS[key + h])
        holds = false
      end
    elseif step == ${hourSteps.set} then
      put(KEYS[key + h], sub(ARGV[arg + h], 2), hourMs)
    end
  end
  if holds then
    local state = sub(head, ${HEAD_BYTES + 1})
    if state == '${NO_STATE}' then call('DEL', KEYS[key]) elseif state ~= '' then put(KEYS[key], state, stateMs) end
    for h = 1, hours do
      if byte(ARGV[arg + h], 1) == ${hourSteps.delete} then call('DEL', KEYS[key + h]) end
    end
  else
    refused[#refused + 1] = point
  end
  key = key + 1 + hours
  arg = arg + 1 + hours
end
return refused`;

export const WRITE_POINTS_SHA = createHash("sha1").update(WRITE_POINTS).digest("hex");

/** KEYS: completeness. ARGV: the server's identity, the name of a loss in case there is one. Gives what holds now. */
export const NOTICE_LOSS = `
local now = redis.call('GET', KEYS[1])
if now == 'complete ' .. ARGV[1] then return now end
local lost = 'lost ' .. ARGV[1] .. ' '
if now and string.sub(now, 1, #lost) == lost then return now end
redis.call('SET', KEYS[1], lost .. ARGV[2])
return lost .. ARGV[2]`;

/** KEYS: completeness. ARGV: the loss, the server's identity. Only that loss ends, and only where it was noticed. */
export const END_LOSS = `
if redis.call('GET', KEYS[1]) ~= 'lost ' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'complete ' .. ARGV[2])
return 1`;
