//! What others make of our tokens: `openidconnect` reads metadata and keys and verifies ID tokens
//! with code that shares nothing with ours.

use super::*;
use openidconnect::{
    ClientId, ClientSecret, IssuerUrl, Nonce,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreProviderMetadata},
};

#[tokio::test]
async fn another_library_reads_the_metadata_and_believes_the_id_token() {
    let provider = Provider::start();
    let document = provider
        .get("/oauth2/default/.well-known/openid-configuration")
        .await;
    let metadata: CoreProviderMetadata = serde_json::from_str(&document.body).unwrap();
    assert_eq!(metadata.issuer().as_str(), ISSUER);
    let keys = provider.get("/oauth2/default/v1/keys").await;
    let keys: CoreJsonWebKeySet = serde_json::from_str(&keys.body).unwrap();

    let tokens = provider.tokens(CARL, SILVER).await;
    let id_token: CoreIdToken = serde_json::from_value(tokens["id_token"].clone()).unwrap();
    let verifier = |keys, nonce: &str| {
        let verifier = CoreIdTokenVerifier::new_confidential_client(
            ClientId::new(APP.to_owned()),
            ClientSecret::new("unused".to_owned()),
            IssuerUrl::new(ISSUER.to_owned()).unwrap(),
            keys,
        )
        .set_allowed_algs(metadata.id_token_signing_alg_values_supported().clone());
        id_token
            .claims(&verifier, &Nonce::new(nonce.to_owned()))
            .map(|claims| claims.subject().to_string())
    };
    assert_eq!(
        verifier(keys.clone(), "n-1").unwrap(),
        crate::blueprint::user_id("carl.sagan")
    );
    assert!(verifier(keys, "n-2").is_err());
    let others = Provider::start().get("/oauth2/default/v1/keys").await;
    assert!(verifier(serde_json::from_str(&others.body).unwrap(), "n-1").is_err());
}
