// Made by solar-system 0.0.0 with: solar-system kit apigee --policy introspection
// Input: sha256 0000
// For Apigee X or newer.
// Change the blueprint or the settings and make it again, rather than editing it by hand.
// Whether an access token opens a rule. Scopes are whole names, of "scope" and "scp", as text and as list.
(function () {
  "use strict";
  // each rule, and the scopes that it needs
  var RULES = [
    ["asteroids", []],
    ["visitors", []],
    ["planets", ["http://myapp.com/scp/silver"]],
    ["comets", ["read"]],
    ["moons", ["http://myapp.com/scp/gold"]]
  ];
  var CLIENTS = [];
  var ISSUER = "https://idp.example.com/oauth2/default";
  var AUDIENCE = "api://default";
  var LEEWAY = 60;

  function list(value) {
    return Object.prototype.toString.call(value) === "[object Array]" ? value : [value];
  }

  function has(values, wanted) {
    for (var index = 0; index < values.length; index += 1) {
      if (values[index] === wanted) {
        return true;
      }
    }
    return false;
  }

  function absent(value) {
    return value === undefined || value === null;
  }

  function names(claims) {
    var all = [];
    ["scope", "scp"].forEach(function (claim) {
      list(claims[claim]).forEach(function (text) {
        if (typeof text === "string") {
          text.split(" ").forEach(function (name) {
            if (name !== "") {
              all.push(name);
            }
          });
        }
      });
    });
    return all;
  }

  function read(variable) {
    try {
      var value = JSON.parse(String(context.getVariable(variable)));
      return value !== null && typeof value === "object" ? value : null;
    } catch (ignored) {
      return null;
    }
  }

  function printable(value) {
    return typeof value === "string" && /^[!-~]([ -~]*[!-~])?$/.test(value) ? value : "";
  }

  function valid(claims) {
    var now = Date.now() / 1000;
    return claims.active === true &&
      (absent(claims.iss) || claims.iss === ISSUER) &&
      (absent(claims.token_type) || String(claims.token_type).toLowerCase() === "bearer") &&
      has(list(claims.aud), AUDIENCE) &&
      typeof claims.exp === "number" && now < claims.exp + LEEWAY &&
      (absent(claims.nbf) || (typeof claims.nbf === "number" && claims.nbf <= now + LEEWAY)) &&
      absent(claims.cnf) &&
      !has(["ID", "Refresh", "Offline", "Logout"], claims.typ);
  }

  function said() {
    var status = Number(context.getVariable("introspection.response.status.code"));
    if (status === 200) {
      return read("introspection.response.content");
    }
    // what the issuer does not take as a token is none: it may say so by an error
    var refusal = status === 400 && read("introspection.response.content");
    return refusal && refusal.error === "unsupported_token_type" ? { active: false } : null;
  }

  function judge() {
    var rule = RULES.filter(function (one) { return one[0] === String(properties.rule); })[0];
    var needed = rule && rule[1];
    var claims = said();
    if (!needed || claims === null) {
      return "unavailable";
    }
    if (!valid(claims)) {
      return "token";
    }
    var client = [claims.client_id, claims.cid, claims.azp].filter(function (one) { return !absent(one); })[0];
    if (CLIENTS.length > 0 && !has(CLIENTS, client)) {
      return "client";
    }
    var granted = names(claims);
    for (var index = 0; index < needed.length; index += 1) {
      if (!has(granted, needed[index])) {
        context.setVariable("access.challenge", "Bearer error=\"insufficient_scope\", scope=\"" + needed.join(" ") + "\"");
        return "scope";
      }
    }
    context.setVariable("access.subject", printable(claims.sub));
    context.setVariable("access.client", printable(client));
    context.setVariable("access.scope", printable(granted.join(" ")));
    return "pass";
  }

  context.setVariable("access.verdict", judge());
}());
