-- Made by solar-system 0.0.0 with: solar-system kit apache --policy jwt
-- Input: sha256 0000
-- For Apache with mod_oauth2 2.4.56 with mod_oauth2 3.3 or newer.
-- Change the blueprint or the settings and make it again, rather than editing it by hand.
-- The rules, and the decision. The signature is checked by Apache's module, which hands on what the token
-- says as variables; the module checks neither audience nor issuer nor scope.

local UPSTREAM = "https://api.example.com/base"
local HOST = "api.example.com"
local ISSUER = "https://idp.example.com/oauth2/default"
local AUDIENCE = "api://default"
local ALGORITHMS = { ["ES256"] = true, }
local AT_JWT_ONLY = false
local INTROSPECTION = false
local CLIENTS = { }
local LEEWAY = 60

-- In the order in which they are tried. No methods: not there.
local PATHS = {
    { path = "/asteroids/", below = false, routes = {
    } },
    { path = "/asteroids", below = false, routes = {
        { methods = { GET = true, HEAD = true, }, token = true, scopes = { } },
    } },
    { path = "/visitors/", below = false, routes = {
    } },
    { path = "/visitors", below = false, routes = {
        { methods = { GET = true, HEAD = true, }, token = false, scopes = { } },
    } },
    { path = "/planets/", below = false, routes = {
    } },
    { path = "/planets", below = false, routes = {
        { methods = { GET = true, HEAD = true, }, token = true, scopes = { "http://myapp.com/scp/silver", } },
    } },
    { path = "/comets/", below = false, routes = {
    } },
    { path = "/comets", below = false, routes = {
        { methods = { GET = true, HEAD = true, }, token = true, scopes = { "read", } },
    } },
    { path = "/moons/", below = false, routes = {
    } },
    { path = "/moons", below = false, routes = {
        { methods = { GET = true, HEAD = true, }, token = true, scopes = { "http://myapp.com/scp/gold", } },
    } },
}

-- What may go on from a caller.
local FORWARDED = {}
for name in ([[accept accept-encoding accept-language content-type content-length content-encoding content-language
    content-disposition if-match if-none-match if-modified-since if-unmodified-since range transfer-encoding
    traceparent tracestate user-agent]]):gmatch("%S+") do
    FORWARDED[name] = true
end

-- --- Which rule a request falls under, by its request line as it was sent.

local function path_of(r)
    return (r.unparsed_uri:match("^[^?]*"))
end

-- The same as the other kits' UNCLEAN, in Lua's patterns.
local function unclean(path)
    if not path:find("^/") or path:find("[^%w%-._~!$&'()*+,=:@/%%]") or path:find("//", 1, true)
        or (path .. "/"):find("/%.%.?/") then
        return true
    end
    for pair in path:gmatch("%%(.?.?)") do
        local byte = pair:find("^%x%x$") and tonumber(pair, 16)
        if not byte or byte < 32 or byte == 127 or string.char(byte):find("[%w%-._~!$&'()*+,=:@/\\%%;#?]") then
            return true
        end
    end
    return path:lower():find("%%c2%%[89]") ~= nil
end

local function find(r)
    local asked = path_of(r)
    for _, one in ipairs(PATHS) do
        if one.below and #asked > #one.path and asked:sub(1, #one.path) == one.path or asked == one.path and not one.below then
            return one
        end
    end
end

local function rule(r)
    local found = find(r)
    for _, one in ipairs(found and found.routes or {}) do
        if one.methods[r.method] then
            return one
        end
    end
end

local function unauthorized(r, challenge)
    r.err_headers_out["WWW-Authenticate"] = challenge
    return 401
end

function route(r)
    if unclean(path_of(r)) then
        return 400
    end
    local found = find(r)
    if not found or #found.routes == 0 then
        return 404
    end
    local asked = rule(r)
    if not asked then
        return 405
    end
    if not asked.token then
        r.notes["gate-open"] = "yes"
        r.headers_in["Authorization"] = nil
    elseif not r.headers_in["Authorization"] then
        return unauthorized(r, "Bearer")
    else
        local header = r.headers_in["Authorization"]:match("^%a+ +([%w_-]+)%.[%w_-]+%.[%w_-]+$")
        r.notes["gate-header"] = header or ""
    end
    -- nowhere: only decide() names the API
    r.filename = "/nowhere"
    return apache2.OK
end

-- --- What the token says, as Apache's module hands it on.

-- A list comes as JSON; anything else as it is.
local function texts(value)
    local all = {}
    if value == nil then
        return all
    end
    local list = value:match("^%[(.*)%]$")
    if not list then
        return { value }
    end
    -- no name of ours holds what JSON escapes
    for text in (list:find("\\", 1, true) and "" or list):gmatch('"(.-)"') do
        all[#all + 1] = text
    end
    return all
end

local function has(list, wanted)
    for _, one in ipairs(list) do
        if one == wanted then
            return true
        end
    end
    return false
end

-- Whole names of scope and scp.
local function scopes(claims)
    local all = {}
    for _, name in ipairs({ "scope", "scp" }) do
        for _, text in ipairs(texts(claims(name))) do
            for scope in text:gmatch("[^ ]+") do
                all[#all + 1] = scope
            end
        end
    end
    return all
end

local function is_access_token(r, claims)
    local kind = claims("typ")
    if kind == "ID" or kind == "Refresh" or kind == "Offline" or kind == "Logout" then
        return false
    end
    if INTROSPECTION then
        local typ = claims("token_type")
        return typ == nil or typ:lower() == "bearer"
    end
    local encoded = (r.notes["gate-header"] or ""):gsub("-", "+"):gsub("_", "/")
    local header = r:base64_decode(encoded .. ("="):rep(-#encoded % 4))
    local alg = header:match('"alg"%s*:%s*"([^"\\]*)"')
    if not alg or not ALGORITHMS[alg] or header:find('"crit"%s*:') or header:find("\\", 1, true) then
        return false
    end
    local typ = (header:match('"typ"%s*:%s*"([^"]*)"') or ""):lower():gsub("^application/", "")
    if typ == "at+jwt" then
        return true
    end
    -- Where the header does not tell the kind, the claims must.
    return not AT_JWT_ONLY and (typ == "" or typ == "jwt")
        and not (claims("nonce") or claims("at_hash") or claims("c_hash") or claims("events"))
        and (claims("client_id") or claims("cid") or claims("scp") or claims("scope")) ~= nil
end

local function is_valid(r, claims)
    local now = os.time()
    local exp, nbf = tonumber(claims("exp")), claims("nbf")
    return r.user ~= nil and r.user ~= ""
        and (claims("iss") == ISSUER or INTROSPECTION and claims("iss") == nil)
        and has(texts(claims("aud")), AUDIENCE)
        and exp ~= nil and now < exp + LEEWAY
        and (nbf == nil or tonumber(nbf) ~= nil and tonumber(nbf) <= now + LEEWAY)
        and claims("cnf") == nil
        and (not INTROSPECTION or claims("active") == nil or claims("active") == "true" or claims("active") == "1")
        and is_access_token(r, claims)
end

-- --- The decision.

local function printable(value)
    return value and value:find("^[!-~]") and not value:find("[^ -~]") and value or nil
end

local function forward(r, said)
    local key = os.getenv("API_KEY")
    if not key or key == "" then
        return 503
    end
    for name in pairs(r:headers_in_table()) do
        if not FORWARDED[name:lower()] then
            r.headers_in[name] = nil
        end
    end
    r.headers_in["Host"] = HOST
    r.headers_in["X-Api-Key"] = key
    for name, value in pairs(said) do
        r.headers_in[name] = printable(value)
    end
    r.proxyreq = apache2.PROXYREQ_REVERSE
    r.handler = "proxy-server"
    r.filename = "proxy:" .. UPSTREAM .. r.unparsed_uri
    return apache2.OK
end

local function lacks(r, what)
    r.notes["gate-lacks"] = "yes"
    r.err_headers_out["WWW-Authenticate"] = 'Bearer error="insufficient_scope"' .. what
    return 403
end

function decide(r)
    local asked = rule(r)
    if not asked then
        return 404
    end
    if not asked.token then
        return forward(r, {})
    end
    local claims = function(name)
        return r.subprocess_env["CLAIM_" .. name]
    end
    if not is_valid(r, claims) then
        return unauthorized(r, 'Bearer error="invalid_token"')
    end
    local client = claims("client_id") or claims("cid") or claims("azp")
    if next(CLIENTS) and not CLIENTS[client or ""] then
        return lacks(r, "")
    end
    local granted = scopes(claims)
    for _, needed in ipairs(asked.scopes) do
        if not has(granted, needed) then
            return lacks(r, ', scope="' .. table.concat(asked.scopes, " ") .. '"')
        end
    end
    return forward(r, {
        ["X-Auth-Subject"] = claims("sub"),
        ["X-Auth-Client"] = client,
        ["X-Auth-Scope"] = table.concat(granted, " "),
    })
end
