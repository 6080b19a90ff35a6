-- SPDX-License-Identifier: Apache-2.0
-- The admin API (docs/formats/ingress.md): the list of endpoints is put, pods that are gone are
-- forgotten, counts are read. Whoever asks shows the bearer token.
local ingress = require("wsfleet.ingress")
local json = require("wsfleet.json")
local read_endpoint_list = require("wsfleet.endpoint_list")

local M = {}

local authorization

function M.start(settings)
  authorization = "Bearer " .. settings.admin_token
end

local function answer(status, body)
  local text = json.encode(body) .. "\n"
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.header.content_length = #text
  ngx.print(text)
end

local function get_livez()
  return answer(200, { status = "ok" })
end

local function get_endpoints()
  local list = json.list({})
  for place, pod in ipairs(ingress.endpoints():all()) do
    list[place] = {
      id = pod.id, uid = pod.uid, address = pod.address, port = pod.port, listed = pod.listed,
      open = pod.open, picked = pod.picked, failed = pod.failed,
    }
  end
  return answer(200, { endpoints = list })
end

local function put_endpoints(body)
  local list, problem = read_endpoint_list(body)
  if not list then
    return answer(400, { error = problem })
  end
  ingress.endpoints():replace(list, ingress.now())
  return answer(200, { listed = #list })
end

local function post_forget(body)
  local wish, problem = json.decode(body)
  local id = json.is_object(wish) and wish.id
  if problem or type(id) ~= "number" or id % 1 ~= 0 or id < 0 or next(wish, next(wish)) then
    return answer(400, { error = problem or "not of the form {\"id\": 0}" })
  end
  if not ingress.endpoints():forget(id) then
    return answer(409, { error = "endpoint " .. id .. " is in the list" })
  end
  return answer(200, { forgotten = id })
end

local VERBS = {
  ["/livez"] = { GET = get_livez },
  ["/endpoints"] = { GET = get_endpoints, PUT = put_endpoints },
  ["/forget"] = { POST = post_forget },
}

function M.handle()
  if ngx.var.http_authorization ~= authorization then
    ngx.header.www_authenticate = "Bearer"
    return answer(401, { error = "the bearer token is missing or wrong" })
  end
  local verbs = VERBS[ngx.var.uri]
  if not verbs then
    return answer(404, { error = "no such path" })
  end
  local act = verbs[ngx.req.get_method()]
  if not act then
    return answer(405, { error = "no such verb here" })
  end
  ngx.req.read_body()
  return act(ngx.req.get_body_data() or "")
end

return M
