//! APISIX cannot be had here. What its kit checks itself, the functions in `apisix.yaml`, is run by Lua 5.1 beside
//! stand-ins for what they ask of APISIX; that its plugins are called as they should be is not shown.

use std::fs;
use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::world::World;
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

/// As much of APISIX and nginx as the functions use. Prints the status, or what goes on to the API.
const STAND_IN: &str = r#"
local cjson = require("cjson")
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
    local bits = text:gsub("[-_]", { ["-"] = "+", ["_"] = "/" }):gsub("=", ""):gsub(".", function(one)
        local number, all = letters:find(one, 1, true) - 1, ""
        for bit = 5, 0, -1 do all = all .. math.floor(number / 2 ^ bit) % 2 end
        return all
    end)
    return (bits:gsub("%d%d%d?%d?%d?%d?%d?%d?", function(eight)
        return #eight == 8 and string.char(tonumber(eight, 2)) or ""
    end))
end
os.getenv = function(name) return name == "API_KEY" and "the key" or nil end
local headers = cjson.decode(arg[3])
local said = {}
package.preload["apisix.core"] = function()
    return {
        json = { decode = function(text) local ok, value = pcall(cjson.decode, text) return ok and value or nil end },
        request = {
            header = function(_, name) return headers[name:lower()] end,
            set_header = function(_, name, value) headers[name:lower()] = value end,
        },
        response = { set_header = function(name, value) said[name] = value end },
    }
end
package.preload["ngx.base64"] = function() return { decode_base64url = base64 } end
ngx = {
    var = { request_uri = arg[2] },
    time = os.time,
    decode_base64 = base64,
    req = { get_headers = function() return headers end },
}
for _, name in ipairs({ arg[1], arg[1] .. ".last" }) do
    if name ~= arg[1] then headers["x-userinfo"] = USERINFO end
    local status = assert(loadfile(name))()({}, { var = { upstream_uri = "" } })
    if status then print(status .. " " .. (said["WWW-Authenticate"] or "")) os.exit(0) end
end
print("200 " .. cjson.encode(headers))
"#;

struct Functions {
    world: World,
    rules: Value,
}

impl Functions {
    fn new(policy: &'static str) -> Self {
        let world = World::new("apisix", policy, &["--algorithm", "ES256"]);
        let text = fs::read_to_string(world.folder.join("apisix.yaml")).unwrap();
        let rules: serde_norway::Value = serde_norway::from_str(&text).unwrap();
        fs::write(world.folder.join("stand-in.lua"), STAND_IN).unwrap();
        Self {
            world,
            rules: serde_json::to_value(rules).unwrap(),
        }
    }

    /// What the functions of a resource's route say to a token that `openid-connect` let through with these claims.
    fn ask(&self, path: &str, token: &str, claims: &Value) -> String {
        let routes = self.rules["routes"].as_array().unwrap();
        let asked = path.split('?').next().unwrap();
        let route = routes
            .iter()
            .find(|route| asked.starts_with(route["uri"].as_str().unwrap()))
            .unwrap();
        let folder = &self.world.folder;
        for (plugin, file) in [
            ("serverless-pre-function", "f"),
            ("serverless-post-function", "f.last"),
        ] {
            let function = route["plugins"][plugin]["functions"][0].as_str().unwrap();
            fs::write(folder.join(file), function).unwrap();
        }
        let userinfo = STANDARD.encode(claims.to_string());
        let mut headers =
            json!({ "host": "x", "x-user": "forged", "cookie": "forged", "accept": "*/*" });
        headers["authorization"] = format!("Bearer {token}").into();
        // the order of the plugins: first, openid-connect, last
        let mut run = Command::new("lua5.1");
        run.current_dir(folder).args([
            "-e",
            &between(&userinfo),
            "stand-in.lua",
            "f",
            path,
            &headers.to_string(),
        ]);
        let output = run.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Puts what `openid-connect` says of the token into the headers between the two functions.
fn between(userinfo: &str) -> String {
    format!("USERINFO = '{userinfo}'")
}

fn table(policy: &'static str) {
    let functions = Functions::new(policy);
    let issuer = &functions.world.issuer;
    let good = |scope: &str| {
        let mut claims = issuer.claims(scope);
        claims["active"] = true.into();
        claims
    };
    let both = format!("openid {SILVER} {GOLD}");
    let with = |name: &str, value: Value| {
        let mut claims = good(&both);
        claims[name] = value;
        claims
    };
    let scp = |value: Value| {
        let mut claims = with("scp", value);
        claims.as_object_mut().unwrap().remove("scope");
        claims
    };
    for (what, path, claims, expected) in [
        ("both", "/moons", good(&both), "200"),
        ("a query", "/moons?x=y", good(&both), "200"),
        (
            "silver",
            "/moons",
            good(SILVER),
            "403 Bearer error=\"insufficient_scope\", scope=\"http://myapp.com/scp/gold\"",
        ),
        (
            "silverx",
            "/planets",
            good(&format!("{SILVER}x x{SILVER}")),
            "403",
        ),
        ("a list", "/moons", scp(json!(["openid", GOLD])), "200"),
        (
            "a list of others",
            "/moons",
            scp(json!([SILVER, format!("{GOLD}x")])),
            "403",
        ),
        ("any", "/asteroids", good("openid"), "200"),
        (
            "issuer",
            "/moons",
            with("iss", json!("https://issuer.example.com")),
            "401",
        ),
        (
            "audience",
            "/moons",
            with("aud", json!("api://other")),
            "401",
        ),
        (
            "audiences",
            "/moons",
            with("aud", json!(["api://other", "api://default"])),
            "200",
        ),
        ("expired", "/moons", with("exp", json!(1)), "401"),
        ("no end", "/moons", with("exp", Value::Null), "401"),
        (
            "not yet",
            "/moons",
            with("nbf", json!(4_000_000_000_u32)),
            "401",
        ),
        ("bound", "/moons", with("cnf", json!({ "jkt": "x" })), "401"),
        ("unclean", "/moons;x", good(&both), "400"),
        ("encoded", "/moons%2f", good(&both), "400"),
        ("longer", "/moonsx", good(&both), "404"),
    ] {
        let token = issuer.issue("at+jwt", &claims);
        let said = functions.ask(path, &token, &claims);
        assert!(
            said.starts_with(expected),
            "{policy}, {what} at {path}: {said}"
        );
        if expected == "200" {
            let passed: Value = serde_json::from_str(&said[4..]).unwrap();
            assert_eq!(passed["x-api-key"], "the key", "{said}");
            assert_eq!(passed["x-auth-subject"], "carl.sagan", "{said}");
            assert!(!said.contains("forged") && !said.contains(&token), "{said}");
            assert!(passed.get("x-userinfo").is_none(), "{said}");
        }
    }
    if policy == "jwt" {
        let mut claims = good(&both);
        claims["nonce"] = json!("n");
        let id_token = issuer.issue("JWT", &claims);
        assert!(
            functions
                .ask("/moons", &id_token, &claims)
                .starts_with("401")
        );
    }
}

#[test]
#[ignore = "needs Lua 5.1 with cjson: make test-gateways"]
fn cfg_04_the_functions_of_apisix_s_kit_answer_the_table_by_keys() {
    table("jwt");
}

#[test]
#[ignore = "needs Lua 5.1 with cjson: make test-gateways"]
fn cfg_04_the_functions_of_apisix_s_kit_answer_the_table_by_introspection() {
    table("introspection");
}
