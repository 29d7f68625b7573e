//! Where a list goes on: `Link: <…>; rel="next"` (RFC 8288), on the same origin and path alone.

use super::super::text::plain;
use axum::http::{HeaderMap, header};
use url::Url;

/// Path and query of the next page, if there is one. `asked` is the URL of this one.
///
/// # Errors
/// When it leads anywhere else: the token goes to the tenant and to no address that an answer names.
pub(super) fn next_page(headers: &HeaderMap, asked: &Url) -> Result<Option<String>, String> {
    let mut next = None;
    for value in headers.get_all(header::LINK) {
        let Ok(value) = value.to_str() else {
            return Err("its Link header is no text".to_owned());
        };
        for address in addresses_of_next(value) {
            if next.replace(address.to_owned()).is_some() {
                return Err("two Link headers lead on".to_owned());
            }
        }
    }
    let Some(address) = next else {
        return Ok(None);
    };
    let elsewhere = || {
        format!(
            "the next page is at {:?}, not on the origin and path that were asked ({}): OKTA_TENANT must be what the tenant calls itself",
            plain(&address),
            plain(asked.as_str().split('?').next().unwrap_or_default())
        )
    };
    let url = crate::net::check_url(&address).map_err(|_| elsewhere())?;
    if url.origin() != asked.origin() || url.path() != asked.path() {
        return Err(elsewhere());
    }
    let query = url.query().unwrap_or_default();
    Ok(Some(format!("{}?{query}", url.path())))
}

/// The targets of one header's links that have `next` among their relations.
fn addresses_of_next(header: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, behind)) = rest.split_once('<') {
        let Some((address, parameters)) = behind.split_once('>') else {
            break;
        };
        let end = parameters.find(",<").or_else(|| parameters.find(", <"));
        let (own, following) = parameters.split_at(end.unwrap_or(parameters.len()));
        let is_next = own.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            let mut relations = value.trim().trim_matches('"').split_whitespace();
            name.trim().eq_ignore_ascii_case("rel")
                && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            found.push(address);
        }
        rest = following;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn next(links: &[&'static str]) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(header::LINK, HeaderValue::from_static(link));
        }
        let asked = Url::parse("https://dev-1.okta.com/api/v1/groups?limit=2").unwrap();
        next_page(&headers, &asked)
    }

    #[test]
    fn a_list_ends_where_nothing_leads_on() {
        assert_eq!(next(&[]), Ok(None));
        let own = "<https://dev-1.okta.com/api/v1/groups?limit=2>; rel=\"self\"";
        assert_eq!(next(&[own]), Ok(None));
    }

    #[test]
    fn the_next_page_is_found_in_one_header_and_in_several() {
        let expected = Ok(Some("/api/v1/groups?after=a,b&limit=2".to_owned()));
        let own = "<https://dev-1.okta.com/api/v1/groups?limit=2>; rel=\"self\"";
        let on = "<https://dev-1.okta.com/api/v1/groups?after=a,b&limit=2>; rel=\"next\"";
        assert_eq!(next(&[own, on]), expected);
        assert_eq!(
            next(&[
                "<https://dev-1.okta.com/api/v1/groups>; rel=\"self\", <https://dev-1.okta.com/api/v1/groups?after=a,b&limit=2>; REL=next"
            ]),
            expected
        );
    }

    #[test]
    fn cli_02_a_next_page_elsewhere_is_not_fetched() {
        for link in [
            "<https://evil.example/api/v1/groups?after=1>; rel=\"next\"",
            "<https://dev-1.okta.com/api/v1/users?after=1>; rel=\"next\"",
            "<https://dev-1.okta.com/api/v1/groups/../users>; rel=\"next\"",
            "<http://dev-1.okta.com/api/v1/groups?after=1>; rel=\"next\"",
            "<https://dev-1.okta.com:444/api/v1/groups?after=1>; rel=\"next\"",
            "<https://dev-1.okta.com@evil.example/api/v1/groups>; rel=\"next\"",
            "<https://user@dev-1.okta.com/api/v1/groups>; rel=\"next\"",
            "<https://dev-1.okta.com.evil.example/api/v1/groups>; rel=\"next\"",
            "</api/v1/groups?after=1>; rel=\"next\"",
            "<//evil.example/api/v1/groups>; rel=\"next\"",
            "<https://dev-1.okta.com\\@evil.example/api/v1/groups>; rel=\"next\"",
            "<>; rel=\"next\"",
        ] {
            assert!(next(&[link]).unwrap_err().contains("next page"), "{link}");
        }
        let on = "<https://dev-1.okta.com/api/v1/groups?after=1>; rel=\"next\"";
        assert!(next(&[on, on]).is_err());
    }
}
