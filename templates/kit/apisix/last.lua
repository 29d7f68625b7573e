return function(conf, ctx)
  local core = require("apisix.core")
  local refuse = function(status, challenge, sentence)
    core.response.set_header("WWW-Authenticate", challenge)
    return status, { error = sentence }
  end
{%- if protected %}
  local shown = core.request.header(ctx, "Authorization")
  local said = core.request.header(ctx, "X-Userinfo")
  core.request.set_header(ctx, "X-Userinfo", nil)
  core.request.set_header(ctx, "Authorization", nil)
  local claims = type(said) == "string" and core.json.decode(ngx.decode_base64(said) or "")
  if type(claims) ~= "table" or type(shown) ~= "string" then
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
  local now, nbf = ngx.time(), claims.nbf
  local valid = (claims.iss == {{ issuer }}{% if introspection %} or claims.iss == nil{% endif %})
    and has(list(claims.aud), {{ audience }})
    and type(claims.exp) == "number" and now < claims.exp + {{ leeway }}
    and (nbf == nil or type(nbf) == "number" and nbf <= now + {{ leeway }})
    and claims.cnf == nil
    and not has({ "ID", "Refresh", "Offline", "Logout" }, claims.typ)
{%- if introspection %}
    and claims.active == true
    and (claims.token_type == nil or tostring(claims.token_type):lower() == "bearer")
{%- else %}
    and claims.nonce == nil and claims.at_hash == nil and claims.c_hash == nil and claims.events == nil
    and (claims.client_id or claims.cid or claims.scp or claims.scope) ~= nil
  local header = shown:match("^%a+ +([%w_-]+)%.[%w_-]+%.[%w_-]+$")
  header = header and core.json.decode(require("ngx.base64").decode_base64url(header) or "")
  local typ = type(header) == "table" and tostring(header.typ or "jwt"):lower():gsub("^application/", "")
  valid = valid and type(header) == "table" and header.crit == nil and has({ {{ algorithms }} }, header.alg)
    and (typ == "at+jwt"{% if !at_jwt_only %} or typ == "jwt"{% endif %})
{%- endif %}
  if not valid then
    return refuse(401, 'Bearer error="invalid_token"', "The access token is not valid")
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
  local printable = function(value)
    return type(value) == "string" and value:find("^[!-~]") and not value:find("[^ -~]") and value or nil
  end
  core.request.set_header(ctx, "X-Auth-Subject", printable(claims.sub))
  core.request.set_header(ctx, "X-Auth-Client", printable(client))
  core.request.set_header(ctx, "X-Auth-Scope", printable(table.concat(granted, " ")))
{%- endif %}
  local key = os.getenv("API_KEY")
  if not key or key == "" then
    return 503, { error = "The gateway has no key for the API" }
  end
  core.request.set_header(ctx, "X-Api-Key", key)
{%- if let Some(base) = base %}
  ctx.var.upstream_uri = {{ base }} .. (ctx.var.upstream_uri ~= "" and ctx.var.upstream_uri or ngx.var.request_uri)
{%- endif %}
end
