//! The app's own key, in a file that nobody but its owner can read (RFC 7523; `OpenID` Connect Core,
//! section 9, `private_key_jwt`).

use super::{SettingError, Source, private_file::read_private};
use crate::jose::ClientKey;
use std::{path::Path, sync::Arc};

/// What else is set of the app's registration.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    /// `ISSUER`.
    pub(super) issuer: bool,
    /// `AUTHN_CLIENT_SECRET`.
    pub(super) secret: bool,
}

/// `AUTHN_CLIENT_KEY_FILE`.
///
/// # Errors
/// When it is set beside a secret: a call authenticates in one way (RFC 6749, section 2.3). When the provider
/// is the embedded one, which takes no assertions. When the file holds no key to use, or others can get at it.
pub(super) fn read(
    source: &Source,
    beside: Beside,
) -> Result<Option<Arc<ClientKey>>, SettingError> {
    let key = source.parsed("AUTHN_CLIENT_KEY_FILE", |path| {
        if !beside.issuer {
            return Err("is for a provider that ISSUER names: the embedded one takes a client secret and no assertions".to_owned());
        }
        if beside.secret {
            return Err("AUTHN_CLIENT_SECRET is set too; the app authenticates in one way, so set one of the two".to_owned());
        }
        read_client_key(Path::new(path))
    })?;
    Ok(key.map(Arc::new))
}

/// Reads a client's private key from its file: PEM, or a JWK.
///
/// # Errors
/// Why it is not used.
pub fn read_client_key(path: &Path) -> Result<ClientKey, String> {
    let text = read_private(path).map_err(|error| format!("the file cannot be read ({error})"))?;
    ClientKey::from_file(text.expose()).map_err(|error| format!("the file cannot be used: {error}"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::{Command, Settings, create_private};
    use super::*;
    use crate::oauth::random_value;
    use std::{fs, os::unix::fs::PermissionsExt};

    /// A file with this in it, gone with its value.
    struct File(std::path::PathBuf);

    impl File {
        fn of(text: &str) -> Self {
            let path = std::env::temp_dir().join(format!("key-{}", random_value()));
            create_private(&path, text).unwrap();
            Self(path)
        }

        fn path(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn settings(more: &[(&str, &str)]) -> Result<Settings, SettingError> {
        let mut pairs = vec![
            ("AUTHN_CLIENT_ID", "app"),
            ("SESSION_SECRET", "0123456789abcdef0123456789abcdef"),
        ];
        pairs.extend(more);
        Settings::read(Command::Serve, &Source::of(pairs))
    }

    const ISSUER: (&str, &str) = ("ISSUER", "https://idp.example");

    #[test]
    fn sec_web_10_a_key_takes_the_place_of_the_secret_and_never_stands_beside_it() {
        let made = ClientKey::generate().unwrap();
        let file = File::of(&made.to_pem().unwrap());
        for name in ["AUTHN_CLIENT_KEY_FILE", "CLIENT_KEY_FILE"] {
            let key = (name, file.path());
            let read = settings(&[ISSUER, key]).unwrap().web;
            assert_eq!(read.client_key.unwrap().key_id(), made.key_id());
            assert!(read.registration.client_secret.is_none());
            for secret in ["AUTHN_CLIENT_SECRET", "CLIENT_SECRET"] {
                let error = settings(&[ISSUER, key, (secret, "canary")]).unwrap_err();
                assert_eq!(error.name(), name);
                let told = error.to_string();
                assert!(told.contains("AUTHN_CLIENT_SECRET") && !told.contains("canary"));
            }
            let error = settings(&[key]).unwrap_err();
            assert_eq!(error.name(), name, "the embedded provider takes none");
            assert!(error.to_string().contains("ISSUER"), "{error}");
        }
        let error = settings(&[ISSUER]).unwrap_err();
        assert!(
            error.to_string().contains("AUTHN_CLIENT_KEY_FILE"),
            "{error}"
        );
    }

    #[test]
    fn sec_com_06_a_key_that_others_can_get_at_is_refused_and_never_told() {
        let file = File::of(&ClientKey::generate().unwrap().to_pem().unwrap());
        let body = fs::read_to_string(&file.0).unwrap();
        let body = body.lines().nth(1).unwrap().to_owned();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601, 0o4640] {
            fs::set_permissions(&file.0, fs::Permissions::from_mode(mode)).unwrap();
            let error = settings(&[ISSUER, ("AUTHN_CLIENT_KEY_FILE", file.path())]).unwrap_err();
            assert_eq!(error.name(), "AUTHN_CLIENT_KEY_FILE", "{mode:o}");
            let told = error.to_string();
            assert!(
                told.contains("chmod 600") && !told.contains(&body),
                "{told}"
            );
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&file.0, fs::Permissions::from_mode(mode)).unwrap();
            let read = settings(&[ISSUER, ("AUTHN_CLIENT_KEY_FILE", file.path())]).unwrap();
            assert!(!format!("{read:?}").contains(&body), "{mode:o}");
        }
        for text in ["", "canary", "{\"kty\":\"oct\",\"k\":\"Y2FuYXJ5\"}"] {
            let file = File::of(text);
            let error = settings(&[ISSUER, ("AUTHN_CLIENT_KEY_FILE", file.path())]).unwrap_err();
            let told = error.to_string();
            assert!(!told.contains("canary") && !told.contains("Y2Fu"), "{told}");
        }
        for path in ["/nowhere/key", "/tmp"] {
            assert!(settings(&[ISSUER, ("AUTHN_CLIENT_KEY_FILE", path)]).is_err());
        }
    }
}
