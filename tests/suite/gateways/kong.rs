//! Kong cannot be had here. What its kits check themselves, the functions in `kong.yaml`, is run by Lua 5.1 beside stand-ins
//! for what they ask of Kong, as its sandbox has it; that its plugins are called as they should be is not shown.

use std::fs;
use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonschema::Draft;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::schemas::{holds_and_finds, schema};
use super::world::{API_KEY, World};
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

/// As much of Kong and nginx as the functions use. Prints the status, or what goes on to the API.
const STAND_IN: &str = r#"
local cjson = require("cjson")
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
    local bits = text:gsub("=", ""):gsub(".", function(one)
        local number, all = letters:find(one, 1, true) - 1, ""
        for bit = 5, 0, -1 do all = all .. math.floor(number / 2 ^ bit) % 2 end
        return all
    end)
    return (bits:gsub("%d%d%d?%d?%d?%d?%d?%d?", function(eight)
        return #eight == 8 and string.char(tonumber(eight, 2)) or ""
    end))
end
local headers = cjson.decode(arg[2])
local function first(name)
    local value = headers[name:lower()]
    return type(value) == "table" and value[1] or value
end
local kong = {
    request = {
        get_raw_path = function() return arg[1] end,
        get_headers = function(most) assert(most == 1000) return headers end,
        get_header = first,
    },
    response = { exit = function(status, body, said)
        print(status .. " " .. (said and said["WWW-Authenticate"] or ""))
        os.exit(0)
    end },
    service = { request = {
        clear_header = function(name) headers[name:lower()] = nil end,
        set_header = function(name, value) headers[name:lower()] = value end,
    } },
    vault = { get = function(reference)
        assert(reference == "{vault://env/api-key}")
        return os.getenv("API_KEY")
    end },
}
local allowed = { ["cjson.safe"] = {
    decode = function(text) local ok, value = pcall(cjson.decode, text) return ok and value or nil end,
} }
-- what the sandbox lets in, and nothing else
local sandbox = { kong = kong, ngx = { time = os.time, decode_base64 = base64 },
    require = function(name) return assert(allowed[name], name .. " is not allowed within sandbox") end,
    string = { char = string.char }, table = { concat = table.concat },
    ipairs = ipairs, pairs = pairs, tonumber = tonumber, tostring = tostring, type = type }
for number, name in ipairs({ "first.lua", "last.lua" }) do
    if number == 2 and USERINFO ~= "" then headers["x-introspection"] = USERINFO end
    setfenv(assert(loadfile(name)), sandbox)()
end
print("200 " .. cjson.encode(headers))
"#;

struct Functions {
    world: World,
    rules: Value,
}

impl Functions {
    fn new(kit: &str, policy: &'static str) -> Self {
        let world = World::new(kit, policy, &["--algorithm", "ES256"]);
        let text = fs::read_to_string(world.folder.join("kong.yaml")).unwrap();
        let rules: Value = serde_norway::from_str(&text).unwrap();
        fs::write(world.folder.join("stand-in.lua"), STAND_IN).unwrap();
        Self { world, rules }
    }

    /// What the functions of a resource's route say to a token that the plugin between them let through.
    fn ask(&self, path: &str, authorization: &Value, userinfo: &str) -> String {
        let routes = self.rules["services"][0]["routes"].as_array().unwrap();
        let name = format!("~^{path}$");
        let start = |route: &&Value| {
            name.starts_with(route["paths"][0].as_str().unwrap().trim_end_matches('$'))
        };
        let route = routes.iter().find(start).unwrap();
        let plugins = route["plugins"].as_array().unwrap();
        let folder = &self.world.folder;
        for (plugin, file) in [("pre-function", "first.lua"), ("post-function", "last.lua")] {
            let plugin = plugins.iter().find(|one| one["name"] == plugin).unwrap();
            fs::write(
                folder.join(file),
                plugin["config"]["access"][0].as_str().unwrap(),
            )
            .unwrap();
        }
        let mut headers = json!({ "host": "x", "x-user": "forged", "x_user": "forged", "cookie": "forged",
            "connection": "x-api-key, forged", "x-introspection": "forged", "accept": "*/*" });
        headers["authorization"] = authorization.clone();
        let mut run = Command::new("lua5.1");
        run.current_dir(folder).env("API_KEY", API_KEY).args([
            "-e",
            &format!("USERINFO = '{userinfo}'"),
            "stand-in.lua",
            path,
            &headers.to_string(),
        ]);
        let output = run.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The claims of a good token with both scopes, changed.
fn claims(issuer: &Issuer, changes: &[(&str, Value)]) -> Value {
    let mut claims = issuer.claims(&format!("openid {SILVER} {GOLD}"));
    claims["active"] = true.into();
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    claims
}

/// What a token says, where it is shown, and what is answered.
type Row = (&'static str, &'static str, Value, &'static str);

fn rows(issuer: &Issuer, policy: &str) -> Vec<Row> {
    let with = |changes: &[(&str, Value)]| claims(issuer, changes);
    let scope = |scope: &str| with(&[("scope", json!(scope))]);
    let scp = |scp: Value| {
        let mut claims = with(&[("scp", scp)]);
        claims.as_object_mut().unwrap().remove("scope");
        claims
    };
    let lacks = "403 Bearer error=\"insufficient_scope\", scope=\"http://myapp.com/scp/gold\"";
    let mut rows = vec![
        ("both", "/moons", with(&[]), "200"),
        ("silver", "/moons", scope(SILVER), lacks),
        ("silver at home", "/planets", scope(SILVER), "200"),
        (
            "silverx",
            "/planets",
            scope(&format!("{SILVER}x x{SILVER}")),
            "403",
        ),
        ("a list", "/moons", scp(json!(["openid", GOLD])), "200"),
        (
            "a list of others",
            "/moons",
            scp(json!([SILVER, format!("{GOLD}x")])),
            "403",
        ),
        ("any", "/asteroids", scope("openid"), "200"),
        (
            "issuer",
            "/moons",
            with(&[("iss", json!("https://issuer.example.com"))]),
            "401",
        ),
        (
            "audience",
            "/moons",
            with(&[("aud", json!("api://other"))]),
            "401",
        ),
        (
            "no audience",
            "/moons",
            with(&[("aud", Value::Null)]),
            "401",
        ),
        (
            "audiences",
            "/moons",
            with(&[("aud", json!(["api://other", "api://default"]))]),
            "200",
        ),
        ("expired", "/moons", with(&[("exp", json!(1))]), "401"),
        ("no end", "/moons", with(&[("exp", Value::Null)]), "401"),
        (
            "not yet",
            "/moons",
            with(&[("nbf", json!(4_000_000_000_u32))]),
            "401",
        ),
        (
            "bound",
            "/moons",
            with(&[("cnf", json!({ "jkt": "x" }))]),
            "401",
        ),
        (
            "a refresh token",
            "/moons",
            with(&[("typ", json!("Refresh"))]),
            "401",
        ),
        ("unclean", "/moons;x", with(&[]), "400"),
        ("encoded", "/moons%2f", with(&[]), "400"),
        ("longer", "/moonsx", with(&[]), "404"),
    ];
    if policy == "introspection" {
        rows.push((
            "inactive",
            "/moons",
            with(&[("active", json!(false))]),
            "401",
        ));
        rows.push((
            "nearly active",
            "/moons",
            with(&[("active", json!("true"))]),
            "401",
        ));
    }
    rows
}

fn table(kit: &str, policy: &'static str) {
    let functions = Functions::new(kit, policy);
    let issuer = &functions.world.issuer;
    for (what, path, claims, expected) in rows(issuer, policy) {
        let token = issuer.issue("at+jwt", &claims);
        let userinfo = match policy {
            "introspection" => STANDARD.encode(claims.to_string()),
            _ => String::new(),
        };
        let said = functions.ask(path, &json!(format!("Bearer {token}")), &userinfo);
        let place = format!("{kit} {policy}, {what} at {path}: {said}");
        assert!(said.starts_with(expected), "{place}");
        if expected == "200" {
            let passed: Value = serde_json::from_str(&said[4..]).unwrap();
            assert_eq!(passed["x-api-key"], API_KEY, "{place}");
            assert_eq!(passed["x-auth-subject"], "carl.sagan", "{place}");
            assert!(
                !said.contains("forged") && !said.contains(&token),
                "{place}"
            );
            assert!(passed.get("x-introspection").is_none(), "{place}");
        }
    }
    if policy == "introspection" {
        let said = functions.ask("/moons", &json!("Bearer opaque"), "");
        assert!(said.starts_with("401"), "nothing was said of it: {said}");
        return;
    }
    let good = claims(issuer, &[]);
    let kid = issuer.key_id();
    for header in [
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "crit": ["odd"] }),
        json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "ES256", "typ": "logout+jwt", "kid": kid }),
    ] {
        let token = issuer.sign_as(&header, &good);
        let said = functions.ask("/moons", &json!(format!("Bearer {token}")), "");
        assert!(said.starts_with("401"), "{header}: {said}");
    }
    let id_token = issuer.issue("JWT", &claims(issuer, &[("nonce", json!("n"))]));
    let token = issuer.issue("at+jwt", &good);
    for (authorization, expected) in [
        (json!(format!("Bearer {id_token}")), "401"),
        (
            json!([format!("Bearer {token}"), format!("Bearer {token}")]),
            "400",
        ),
        (json!(format!("Bearer {token}, Bearer {token}")), "401"),
        (json!("Bearer junk"), "401"),
        (json!(format!("bearer {token}")), "200"),
    ] {
        let said = functions.ask("/moons", &authorization, "");
        assert!(said.starts_with(expected), "{authorization}: {said}");
    }
}

#[test]
#[ignore = "needs Lua 5.1 with cjson: make test-gateways"]
fn cfg_04_the_functions_of_kong_s_kits_answer_the_table_by_keys() {
    table("kong", "jwt");
    table("kong-open", "jwt");
}

#[test]
#[ignore = "needs Lua 5.1 with cjson: make test-gateways"]
fn cfg_04_the_functions_of_kong_s_kit_answer_the_table_by_introspection() {
    table("kong", "introspection");
}

#[test]
#[ignore = "needs ../shared/schemas: make test-gateways"]
fn cfg_08_kong_s_kits_hold_to_the_schema_which_finds_what_is_misspelt() {
    let Some(validator) = schema("kong.json", Draft::Draft4) else {
        return;
    };
    let read = |text: &str| serde_norway::from_str::<Value>(text).unwrap();
    let common = [
        ("_format_version: \"3.0\"", "_format_version: 3.0"),
        ("strip_path", "strip_paths"),
        ("    paths: ", "    path: "),
        ("    methods: ", "    method: "),
        ("    plugins:", "    plugin:"),
        ("connect_timeout: 5000", "connect_timeout: 5s"),
    ];
    for (kit, policy, others) in [
        ("kong", "jwt", &[][..]),
        ("kong", "introspection", &[]),
        (
            "kong-open",
            "jwt",
            &[
                ("jwt_secrets", "jwt_secret"),
                ("rsa_public_key", "public_key"),
            ],
        ),
    ] {
        let world = World::new(kit, policy, &["--algorithm", "ES256"]);
        let text = fs::read_to_string(world.folder.join("kong.yaml")).unwrap();
        holds_and_finds(&validator, &text, read, &[&common[..], others].concat());
    }
}

/// The schema does not look into a plugin's configuration: what must stand there is said here once more.
#[test]
fn cfg_04_every_route_of_kong_s_kits_that_takes_a_token_has_the_plugins_that_check_it() {
    for (kit, checks) in [("kong", "openid-connect"), ("kong-open", "jwt")] {
        let world = World::new(kit, "jwt", &["--algorithm", "ES256"]);
        let text = fs::read_to_string(world.folder.join("kong.yaml")).unwrap();
        let rules: Value = serde_norway::from_str(&text).unwrap();
        let routes = rules["services"][0]["routes"].as_array().unwrap();
        let mut seen = 0;
        for route in routes {
            let plugins = route["plugins"].as_array().unwrap();
            let names: Vec<&str> = plugins
                .iter()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            let name = route["name"].as_str().unwrap();
            if name.starts_with("refused") || name == "unknown" {
                assert_eq!(names, ["request-termination"], "{kit} {name}");
                continue;
            }
            seen += 1;
            assert_eq!(route["methods"], json!(["GET", "HEAD"]), "{kit} {name}");
            assert_eq!(route["strip_path"], false);
            let open = name.starts_with("visitors");
            let expected: &[&str] = if open {
                &["rate-limiting", "pre-function", "post-function"]
            } else {
                &["rate-limiting", "pre-function", checks, "post-function"]
            };
            assert_eq!(names, expected, "{kit} {name}");
            if kit == "kong" && name.starts_with("moons") {
                let config = &plugins[2]["config"];
                assert_eq!(config["scopes_required"], json!([GOLD]));
                assert_eq!(config["audience_required"], json!(["api://default"]));
                assert_eq!(
                    config["issuers_allowed"][0],
                    json!(world.issuer.identifier())
                );
                assert_eq!(config["bearer_token_param_type"], json!(["header"]));
                assert_eq!(config["auth_methods"], json!(["bearer"]));
                assert_eq!(config["ssl_verify"], true);
            }
            if kit == "kong-open" && !open {
                let config = &plugins[2]["config"];
                assert_eq!(config["claims_to_verify"], json!(["exp"]));
                assert_eq!(config["uri_param_names"], json!([]));
                assert_eq!(config["key_claim_name"], "kid");
            }
        }
        assert_eq!(seen, 5);
    }
}
