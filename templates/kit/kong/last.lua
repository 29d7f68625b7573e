local request = kong.service.request
{%- if protected %}
local json = require("cjson.safe")
local refuse = function(status, challenge, sentence)
  return kong.response.exit(status, { error = sentence }, { ["WWW-Authenticate"] = challenge })
end
local invalid = function()
  return refuse(401, 'Bearer error="invalid_token"', "The access token is not valid")
end
local list = function(value)
  return type(value) == "table" and value or { value }
end
local has = function(values, wanted)
  for _, value in ipairs(values) do
    if value == wanted then
      return true
    end
  end
  return false
end
local read = function(text)
  text = text:gsub("[-_]", { ["-"] = "+", ["_"] = "/" })
  local value = json.decode(ngx.decode_base64(text .. ("="):rep(-#text % 4)) or "")
  return type(value) == "table" and value or nil
end
{%- if introspection %}
local said = kong.request.get_header("x-introspection")
local claims = type(said) == "string" and read(said)
if not claims or claims.active ~= true then
  return invalid()
end
local valid = (claims.iss == nil or claims.iss == {{ issuer }})
  and (claims.token_type == nil or tostring(claims.token_type):lower() == "bearer")
{%- else %}
local shown = kong.request.get_header("authorization")
local first, second = tostring(shown):match("^%a+ +([%w_-]+)%.([%w_-]+)%.[%w_-]+$")
local header, claims = first and read(first), second and read(second)
if not header or not claims then
  return invalid()
end
local typ = tostring(header.typ or "jwt"):lower():gsub("^application/", "")
local valid = claims.iss == {{ issuer }} and type(claims.sub) == "string" and claims.sub ~= ""
  and has({ {{ algorithms }} }, header.alg)
  and header.crit == nil and header.b64 == nil and header.zip == nil and header.enc == nil
if typ ~= "at+jwt" then
  valid = valid and {% if at_jwt_only %}false{% else %}typ == "jwt"{% endif %}
    and claims.nonce == nil and claims.at_hash == nil and claims.c_hash == nil and claims.events == nil
    and (claims.client_id or claims.cid or claims.scp or claims.scope) ~= nil
end
{%- endif %}
local now, nbf = ngx.time(), claims.nbf
valid = valid and has(list(claims.aud), {{ audience }})
  and type(claims.exp) == "number" and now < claims.exp + {{ leeway }}
  and (nbf == nil or type(nbf) == "number" and nbf <= now + {{ leeway }})
  and claims.cnf == nil
  and not has({ "ID", "Refresh", "Offline", "Logout" }, claims.typ)
if not valid then
  return invalid()
end
local client = claims.client_id or claims.cid or claims.azp
{%- if !clients.is_empty() %}
if not has({ {{ clients }} }, client) then
  return refuse(403, 'Bearer error="insufficient_scope"', "The client is not let in here")
end
{%- endif %}
local granted = {}
for _, claim in ipairs({ "scope", "scp" }) do
  for _, text in ipairs(list(claims[claim])) do
    for scope in tostring(text):gmatch("[^ ]+") do
      granted[#granted + 1] = scope
    end
  end
end
for _, needed in ipairs({ {{ scopes }} }) do
  if not has(granted, needed) then
    return refuse(403, 'Bearer error="insufficient_scope", scope="' .. {{ challenge }} .. '"', "The access token lacks a scope")
  end
end
-- The token stays here, and so does what the plugin before said of it.
for name in ([[authorization x-introspection x-consumer-id x-consumer-custom-id x-consumer-username x-consumer-groups
    x-credential-identifier x-anonymous-consumer x-authenticated-groups x-userinfo]]):gmatch("%S+") do
  request.clear_header(name)
end
local say = function(name, value)
  if type(value) == "string" and value:find("^[!-~]") and not value:find("[^ -~]") then
    request.set_header(name, value)
  end
end
say("x-auth-subject", claims.sub)
say("x-auth-client", client)
say("x-auth-scope", table.concat(granted, " "))
{%- endif %}
local key = kong.vault.get("{vault://env/api-key}")
if not key or key == "" then
  return kong.response.exit(503, { error = "The gateway has no key for the API" })
end
request.set_header("x-api-key", key)
