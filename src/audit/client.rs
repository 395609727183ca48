//! Clients: what a user agent says about the program and the system it runs on.

/// Pieces of user agents, and the family of programs that they mark. The first that fits counts, because programs name
/// the libraries they are built on.
const FAMILIES: [(&str, &str); 19] = [
    ("terraform", "terraform"),
    ("pulumi", "pulumi"),
    ("ansible", "ansible"),
    ("awspowershell", "powershell"),
    ("aws-cli", "aws-cli"),
    ("boto3", "boto3"),
    ("botocore", "boto3"),
    ("aws-sdk-js", "sdk-js"),
    ("aws-sdk-nodejs", "sdk-js"),
    ("aws-sdk-go", "sdk-go"),
    ("aws-sdk-java", "sdk-java"),
    ("aws-sdk-dotnet", "sdk-dotnet"),
    ("aws-sdk-php", "sdk-php"),
    ("aws-sdk-ruby", "sdk-ruby"),
    ("aws-sdk-rust", "sdk-rust"),
    ("aws-sdk-cpp", "sdk-cpp"),
    ("aws-sdk", "sdk-other"),
    ("mozilla/", "browser"),
    ("curl/", "curl"),
];

/// Families that come of presigned addresses when S3 writes them in brackets.
const UNSIGNED: [&str; 2] = ["browser", "curl"];

/// What a user agent says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Client {
    /// The kind of program: `aws-cli`, `terraform`, …
    pub(super) family: String,
    /// The system it runs on, when it says so: `linux`, `macos`, `windows`.
    pub(super) system: Option<&'static str>,
}

impl Client {
    /// Reads a user agent.
    pub(super) fn read(user_agent: &str) -> Self {
        let lower = user_agent.to_ascii_lowercase();
        let known = FAMILIES.iter().find(|(piece, _)| lower.contains(piece)).map(|(_, family)| (*family).to_owned());
        let family = known.unwrap_or_else(|| {
            let name = lower.trim_start_matches('[').split(['/', ' ', ']']).next().unwrap_or_default();
            name.to_owned()
        });
        let systems = [("linux", "linux"), ("darwin", "macos"), ("macos", "macos"), ("windows", "windows")];
        let system = systems.into_iter().find(|(piece, _)| lower.contains(piece)).map(|(_, system)| system);
        Self { family, system }
    }
}

/// True when the request may have been signed elsewhere and only sent from here.
///
/// EKS and Vault send the presigned `GetCallerIdentity` of whoever signs in to them, with Go's plain HTTP client; and
/// whoever opens a presigned address of S3 shows up with a browser or curl, in the brackets that S3 writes.
pub(super) fn is_presigned(user_agent: &str) -> bool {
    let family = Client::read(user_agent).family;
    family == "go-http-client" || (user_agent.starts_with('[') && UNSIGNED.contains(&family.as_str()))
}

#[cfg(test)]
mod tests {
    use super::Client;
    use super::is_presigned;

    #[test]
    fn a_user_agent_names_program_and_system() {
        for (agent, family, system) in [
            ("aws-cli/2.15.0 md/awscrt#0.19 os/linux#6.5 lang/python", "aws-cli", Some("linux")),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.9 aws-sdk-go-v2/1.30 os/macos", "terraform", Some("macos")),
            ("Boto3/1.34 md/Botocore#1.34 os/windows#10", "boto3", Some("windows")),
            ("[python-requests/2.31]", "python-requests", None),
            ("", "", None),
        ] {
            let client = Client::read(agent);
            assert_eq!((client.family.as_str(), client.system), (family, system), "{agent}");
        }
        assert!(is_presigned("Go-http-client/1.1"));
        assert!(is_presigned("[Mozilla/5.0 (X11)]"));
        assert!(!is_presigned("[aws-cli/2.15.0]"));
    }
}
