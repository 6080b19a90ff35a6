-- SPDX-License-Identifier: Apache-2.0
-- Which endpoints joined and left between two sorted lists. Pure; as
-- cluster/balancers/endpoint_changes.h.

-- What is in `these` and not in `those`, in order.
local function difference(these, those)
  local known = {}
  for _, endpoint in ipairs(those) do
    known[endpoint] = true
  end
  local only = {}
  for _, endpoint in ipairs(these) do
    if not known[endpoint] then
      only[#only + 1] = endpoint
    end
  end
  return only
end

return function(before, after)
  return { added = difference(after, before), removed = difference(before, after) }
end
