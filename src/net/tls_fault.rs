//! Finds out that a connection failed at TLS.

use std::error::Error;

/// What TLS found wrong, anywhere below an error.
#[must_use]
pub fn tls_fault<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(fault) = error.downcast_ref() {
            return Some(fault);
        }
        // what an error of input and output carries is not among its causes
        let carried = error.downcast_ref::<std::io::Error>();
        let carried = carried.and_then(std::io::Error::get_ref);
        cause = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("outside")]
    struct Outside(#[source] io::Error);

    #[test]
    fn a_fault_is_found_however_deep() {
        let fault = || io::Error::other(rustls::Error::DecryptError);
        assert!(tls_fault(&rustls::Error::DecryptError).is_some());
        assert!(tls_fault(&fault()).is_some());
        assert!(tls_fault(&Outside(fault())).is_some());
        assert!(tls_fault(&Outside(io::Error::other(Outside(fault())))).is_some());
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(tls_fault(&Outside(refused())).is_none());
        assert!(tls_fault(&io::Error::other(Outside(refused()))).is_none());
    }
}
