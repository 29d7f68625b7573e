//! How long a revoked token lives on: what is said of it is measured.

use super::*;
use std::time::Duration;

impl World {
    /// Uses a token that ends in ten minutes, has it revoked, and counts the seconds until it is refused.
    async fn seconds_after_revocation(&self) -> u32 {
        let token = self.token(GOLD);
        assert_eq!(self.get("/moons", Some(&token)).await.status, 200);
        self.issuer.introspects(&token, json!({ "active": false }));
        let mut seconds = 0;
        while self.get("/moons", Some(&token)).await.status == 200 {
            self.clock.advance(Duration::from_secs(1));
            seconds += 1;
            assert!(seconds < 1_000, "it lives on and on");
        }
        seconds
    }
}

#[tokio::test]
async fn gw_18_by_introspection_a_revoked_token_lives_on_as_long_as_is_said() {
    let world = World::new(By::Introspection).await;
    let seconds = world.seconds_after_revocation().await;
    assert_eq!(seconds, 30);
    let said = revocation_lag(&TokenPolicy::Introspection {
        client_id: String::new(),
        client_secret: Secret::new("x"),
    });
    assert!(said.contains("30 seconds at most"), "{said}");
}

/// Nobody is asked: it ends with the token's own time, and what clocks may differ.
#[tokio::test]
async fn gw_18_by_keys_a_revoked_token_lives_on_until_it_ends_as_is_said() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.seconds_after_revocation().await, 600 + 60);
    let said = revocation_lag(&TokenPolicy::Jwt {
        typ: AccessTokenTyp::AtJwt,
        algorithms: Vec::new(),
    });
    for part in ["until it expires", "60 seconds"] {
        assert!(said.contains(part), "{said}");
    }
}
