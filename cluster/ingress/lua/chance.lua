-- SPDX-License-Identifier: Apache-2.0
-- How balancers turn one draw of chance, 64 bits given as two numbers of 32, into places in the
-- list of endpoints (which count from 1). The same places, less one, as those of
-- cluster/balancers/chance.h: products stay below 2^53, so doubles are exact.
local floor = math.floor

local M = {}

-- 0 .. count - 1 from 32 bits (multiply-shift).
local function scale_to(bits, count)
  return floor(bits * count / 4294967296)
end

function M.random_index(request, count)
  return 1 + scale_to(request.high, count)
end

-- Two different places, count >= 2: the first two steps of a Fisher-Yates shuffle.
function M.random_pair(request, count)
  local first = 1 + scale_to(request.high, count)
  local swapped = 2 + scale_to(request.low, count - 1)
  if swapped == first then
    return first, 1
  end
  return first, swapped
end

return M
