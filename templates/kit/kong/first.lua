local refuse = function(status, sentence)
  return kong.response.exit(status, { error = sentence })
end
local path = kong.request.get_raw_path()
if path:find("[^%w%-._~!$&'()*+,=:@/%%]") or path:find("//", 1, true) or (path .. "/"):find("/%.%.?/") then
  return refuse(400, "The path is not clean")
end
for pair in path:gmatch("%%(.?.?)") do
  local byte = pair:find("^%x%x$") and tonumber(pair, 16)
  if not byte or byte < 32 or byte == 127 or string.char(byte):find("[%w%-._~!$&'()*+,=:@/\\%%;#?]") then
    return refuse(400, "The path is not clean")
  end
end
local fits = {% if below %}#path > {{ length }} and path:sub(1, {{ length }}) == {{ path }}{% else %}path == {{ path }}{% endif %}
if not fits then
  return refuse(404, "There is nothing here")
end
local passed = { host = true, authorization = {{ protected }} }
for name in ([[accept accept-encoding accept-language content-type content-length content-encoding content-language if-match
    if-none-match if-modified-since if-unmodified-since range transfer-encoding traceparent tracestate user-agent]]):gmatch("%S+") do
  passed[name] = true
end
local headers, count = kong.request.get_headers(1000), 0
for name, value in pairs(headers) do
  count = count + (type(value) == "table" and #value or 1)
  -- Connection too: Kong would drop whatever it names, and our own with it
  if not passed[name:lower()] then
    kong.service.request.clear_header(name)
  end
end
if count > 100 or type(headers.authorization) == "table" then
  return refuse(400, "The headers are too many")
end
