//! What addresses inside of evidence say: the host, the repository, the run, the job. Most objects name theirs nowhere else.

use std::borrow::Cow;

/// An address below a repository of GitHub, of its pages or of its API.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GitHub<'a> {
    pub(super) host: Cow<'a, str>,
    /// `owner/name`, as it is written.
    pub(super) repository: &'a str,
    pub(super) run: Option<&'a str>,
    pub(super) attempt: Option<u32>,
    pub(super) job: Option<&'a str>,
    pub(super) deployment: Option<u64>,
    pub(super) pull: Option<u64>,
}

/// Splits an address into its host, in lower case, and what follows it.
pub(super) fn split(address: &str) -> Option<(Cow<'_, str>, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/').filter(|(host, _)| !host.is_empty())?;
    let is_lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
    Some((if is_lower { Cow::Borrowed(host) } else { Cow::Owned(host.to_ascii_lowercase()) }, path))
}

/// Reads an address of GitHub. The API has a host of its own on github.com and GHE.com, and a folder on servers.
pub(super) fn github(address: &str) -> Option<GitHub<'_>> {
    let (host, path) = split(address)?;
    let api = host.strip_prefix("api.").filter(|host| *host == "github.com" || host.ends_with(".ghe.com"));
    let path = match api {
        Some(_) => path.strip_prefix("repos/")?,
        None => path.strip_prefix("api/v3/repos/").unwrap_or(path),
    };
    let host = match (api.map(str::len), host) {
        (Some(length), Cow::Borrowed(host)) => Cow::Borrowed(&host[host.len() - length..]),
        (Some(_), host) => Cow::Owned(host.trim_start_matches("api.").to_owned()),
        (None, host) => host,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/');
    let (owner, name) = (parts.next()?, parts.next()?);
    if owner.is_empty() || name.is_empty() {
        return None;
    }
    let repository = path.get(..owner.len() + 1 + name.len())?;
    let mut found = GitHub { host, repository, ..GitHub::default() };
    while let Some(part) = parts.next() {
        let mut number = || parts.next().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
        match part {
            "runs" => found.run = number(),
            "attempts" => found.attempt = number().and_then(|number| number.parse().ok()),
            "job" | "jobs" => found.job = number(),
            "deployments" => found.deployment = number().and_then(|number| number.parse().ok()),
            "pull" | "pulls" => found.pull = number().and_then(|number| number.parse().ok()),
            _ => {}
        }
    }
    Some(found)
}

/// Reads the address of a project's page on GitLab: its host, and the project with its groups.
pub(super) fn gitlab(address: &str) -> Option<(Cow<'_, str>, &str, &str)> {
    let (host, path) = split(address)?;
    let (project, rest) = path.split_once("/-/")?;
    Some((host, project, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ids_are_read_from_pages_and_from_the_api() {
        let page = github("https://github.com/Acme/orders/actions/runs/7/job/8?pr=1").unwrap();
        assert_eq!((&*page.host, page.repository), ("github.com", "Acme/orders"));
        assert_eq!((page.run, page.job), (Some("7"), Some("8")));
        for (address, host) in [
            ("https://api.github.com/repos/acme/orders/actions/runs/7/attempts/2", "github.com"),
            ("https://api.octo.ghe.com/repos/acme/orders/actions/runs/7/attempts/2", "octo.ghe.com"),
            ("https://GIT.acme.example/api/v3/repos/acme/orders/actions/runs/7/attempts/2", "git.acme.example"),
            ("https://git.acme.example/acme/orders/actions/runs/7/attempts/2", "git.acme.example"),
        ] {
            let found = github(address).unwrap();
            assert_eq!((&*found.host, found.repository), (host, "acme/orders"), "{address}");
            assert_eq!((found.run, found.attempt), (Some("7"), Some(2)), "{address}");
        }
        let status = github("https://api.github.com/repos/acme/orders/deployments/9/statuses/3").unwrap();
        assert_eq!(status.deployment, Some(9));
        // What the page of an environment shows is no deployment.
        let page = github("https://github.com/acme/orders/deployments/activity_log?environments_filter=prod").unwrap();
        assert_eq!(page.deployment, None);
        for none in ["", "https://", "https://github.com", "github.com/acme/orders", "https://api.github.com/meta"] {
            assert_eq!(github(none), None, "{none}");
        }
    }
}
