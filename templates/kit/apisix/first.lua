return function(conf, ctx)
  local core = require("apisix.core")
  local path = ngx.var.request_uri:match("^[^?]*")
  if path:find("[^%w%-._~!$&'()*+,=:@/%%]") or path:find("//", 1, true) or (path .. "/"):find("/%.%.?/") then
    return 400, { error = "The path is not clean" }
  end
  for pair in path:gmatch("%%(.?.?)") do
    local byte = pair:find("^%x%x$") and tonumber(pair, 16)
    if not byte or byte < 32 or byte == 127 or string.char(byte):find("[%w%-._~!$&'()*+,=:@/\\%%;#?]") then
      return 400, { error = "The path is not clean" }
    end
  end
  local fits = {% if below %}#path > {{ length }} and path:sub(1, {{ length }}) == {{ path }}{% else %}path == {{ path }}{% endif %}
  if not fits then
    return 404, { error = "There is nothing here" }
  end
  local passed = { host = true, authorization = {{ protected }} }
  for name in ([[accept accept-encoding accept-language content-type content-length content-encoding content-language if-match
      if-none-match if-modified-since if-unmodified-since range transfer-encoding traceparent tracestate user-agent]]):gmatch("%S+") do
    passed[name] = true
  end
  for name in pairs(ngx.req.get_headers(0, true)) do
    if not passed[name:lower()] then
      core.request.set_header(ctx, name, nil)
    end
  end
end
