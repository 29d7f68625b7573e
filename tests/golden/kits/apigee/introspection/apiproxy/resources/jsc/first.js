// Made by solar-system 0.0.0 with: solar-system kit apigee --policy introspection
// Input: sha256 0000
// For Apigee X or newer.
// Change the blueprint or the settings and make it again, rather than editing it by hand.
// Before any rule: the path as it was sent, and where the token is.
(function () {
  "use strict";
  var uri = String(context.getVariable("request.uri") || "");
  var unclean = new RegExp("[^-A-Za-z0-9._~!$\u0026'()*+,=:@/%]|//|/\\.\\.?(/|$)|%([^0-9a-fA-F]|.[^0-9a-fA-F]|.?$|[014]|2[13-9a-fA-F]|3[0-9abdfABDF]|5[0-9aAcCfF]|6[1-9a-fA-F]|7[0-9aAeEfF]|[cC]2%[89])");
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
