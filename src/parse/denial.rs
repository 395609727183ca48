//! What an access denial says in words: the only place where a denied `AssumeRole` names the role.

/// The action and the resource that an error message names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Denial<'a> {
    /// Who was denied, as the message has it.
    pub user: Option<&'a str>,
    /// The action that was denied, such as `sts:AssumeRole` or `sts:TagSession`.
    pub action: Option<&'a str>,
    /// The resource that it was denied on.
    pub resource: Option<&'a str>,
}

/// Reads `User: X is not authorized to perform: sts:AssumeRole on resource: ARN [because …|with …]`.
pub fn denial(message: &str) -> Option<Denial<'_>> {
    let (before, after) = message.split_once(" is not authorized to perform: ")?;
    let user = before.rsplit_once("User: ").and_then(|(_, user)| word(user));
    let resource = after.split_once(" on resource: ").and_then(|(_, resource)| word(resource));
    Some(Denial { user, action: word(after), resource })
}

fn word(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?.trim_matches('"').trim_end_matches(['.', ',', ';']);
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::{Denial, denial};

    #[test]
    fn user_action_and_resource_are_found_whatever_follows_them() {
        for tail in ["", " because no identity-based policy allows the sts:AssumeRole action", " with an explicit deny"]
        {
            let message = format!(
                "User: arn:aws:iam::1:user/u is not authorized to perform: sts:TagSession on resource: arn:aws:iam::1:role/r{tail}"
            );
            let expected = Denial {
                user: Some("arn:aws:iam::1:user/u"),
                action: Some("sts:TagSession"),
                resource: Some("arn:aws:iam::1:role/r"),
            };
            assert_eq!(denial(&message), Some(expected));
        }
        assert_eq!(denial("An unknown error occurred"), None);
        assert_eq!(denial("User: u is not authorized to perform: ec2:X").unwrap().resource, None);
    }
}
