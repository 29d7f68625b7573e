{% for line in header -%}
// {{ line }}
{% endfor -%}
// Before any rule: the path as it was sent, and where the token is.
(function () {
  "use strict";
  var uri = String(context.getVariable("request.uri") || "");
  var unclean = new RegExp({{ unclean }});
  var values = Number(context.getVariable("request.header.Authorization.values.count") || 0);
  var shown = context.getVariable("request.header.Authorization");
  context.setVariable("access.subject", "");
  context.setVariable("access.client", "");
  context.setVariable("access.scope", "");
  context.setVariable("access.verdict", "none");
  // some APIs read an underscore as a dash, and mixtures of both are many
  var names = String(context.getVariable("request.headers.names") || "_");
  if (uri === "" || names.indexOf("_") >= 0 || unclean.test(uri.split("?")[0]) || values > 1) {
    context.setVariable("first.verdict", "unclean");
    return;
  }
  context.setVariable("first.verdict", "clean");
  var bearer = /^bearer +([A-Za-z0-9._~+\/-]+=*)$/i.exec(String(shown || ""));
  if (bearer && bearer[1].length <= 8192) {
    context.setVariable("access.presented", bearer[1]);
  }
}());
