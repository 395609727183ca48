# The tooling account: where GitHub's tokens land, and nowhere else.

resource "aws_iam_openid_connect_provider" "github" {
  provider       = aws.tooling
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "entry_trust" {
  statement {
    sid     = "GitHubEnvironment"
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # StringEquals and whole subjects: no pattern can match more than it should. The first form names what can be renamed
    # and registered anew by others; drop it once the repository's subjects are immutable.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values = [
        "repo:${var.github_owner.name}/${var.repository.name}:environment:${var.environment}",
        "repo:${var.github_owner.name}@${var.github_owner.id}/${var.repository.name}@${var.repository.id}:environment:${var.environment}",
      ]
    }
  }
}

# One entry role for each repository and environment: production's trust policy sees the role and not the repository, so
# whoever shares the role shares what lies behind it.
resource "aws_iam_role" "entry" {
  provider             = aws.tooling
  name                 = local.entry_role_name
  path                 = local.path
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.entry_trust.json

  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_policy_document" "entry" {
  statement {
    sid       = "OnlyOn"
    actions   = ["sts:AssumeRole", "sts:TagSession"]
    resources = [local.deploy_role_arn]
  }
}

resource "aws_iam_role_policy" "entry" {
  provider = aws.tooling
  name     = "only-on"
  role     = aws_iam_role.entry.id
  policy   = data.aws_iam_policy_document.entry.json
}
