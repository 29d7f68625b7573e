//! webMethods cannot be had here. The `OpenAPI` document of its kit is read by AMF; what its administration API takes is
//! compared with what its documentation says, in the golden files.

use serde_json::{Value, json};
use std::fs;

use super::cloud;
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

#[test]
#[ignore = "needs AMF: make test-gateways"]
fn cfg_08_amf_takes_the_openapi_document_for_webmethods() {
    let folder = cloud::kit("swag", "introspection", &[]);
    let packages = cloud::packages();
    let read = |name: &str| {
        let file = folder.join(name);
        let output = cloud::node(
            &cloud::script("amf.mjs"),
            &[packages.to_str().unwrap(), file.to_str().unwrap()],
        );
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str::<Value>(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    };
    let said = read("openapi.json");
    assert_eq!(said["conforms"], true, "{said}");
    assert_eq!(said["paths"].as_array().unwrap().len(), 5, "{said}");
    assert_eq!(said["scopes"], json!([SILVER, "read", GOLD]), "{said}");
    let text = fs::read_to_string(folder.join("openapi.json")).unwrap();
    for (right, wrong) in [
        ("\"issuer\": [", "\"isuer\": ["),
        ("\"type\": \"oauth2\"", "\"type\": \"oauth3\""),
    ] {
        fs::write(folder.join("faulty.json"), text.replacen(right, wrong, 1)).unwrap();
        assert_eq!(
            read("faulty.json")["conforms"],
            false,
            "{wrong} is not found"
        );
    }
}

#[test]
fn cfg_02_the_secret_of_webmethods_client_is_put_in_when_it_is_sent() {
    let folder = cloud::kit("swag", "introspection", &[]);
    let text = fs::read_to_string(folder.join("authorization-server.json")).unwrap();
    let alias: Value = serde_json::from_str(&text).unwrap();
    assert!(alias["remoteIntrospectionConfig"]["clientSecret"].is_null());
    // with keys beside it, the gateway asks nobody, and looks at no audience
    assert!(alias.get("localIntrospectionConfig").is_none());
    let text = fs::read_to_string(folder.join("scopes.json")).unwrap();
    let scopes: Value = serde_json::from_str(&text).unwrap();
    for scope in scopes.as_array().unwrap() {
        assert_eq!(scope["audience"], "api://default");
        assert_eq!(scope["requiredAuthScopes"].as_array().unwrap().len(), 1);
    }
}
