# The production account: one deploy role, and one way in.

data "aws_iam_policy_document" "deploy_trust" {
  statement {
    sid     = "EntryRoleWithExternalId"
    actions = ["sts:AssumeRole"]

    # The exact role, not its account: who may become another role of the account gains nothing here.
    principals {
      type        = "AWS"
      identifiers = [local.entry_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }

  # configure-aws-credentials tags the session with repository, workflow, actor and run: that is what an audit reads.
  statement {
    sid     = "Tags"
    actions = ["sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = [local.entry_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Repository"
      values   = ["${var.github_owner.name}/${var.repository.name}"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  provider             = aws.prod
  name                 = local.deploy_role_name
  path                 = local.path
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.deploy_trust.json

  # IAM takes only principals that exist.
  depends_on = [aws_iam_role.entry]
}

resource "aws_iam_role_policy" "deploy" {
  provider = aws.prod
  name     = "deploy"
  role     = aws_iam_role.deploy.id
  policy   = var.deploy_policy_json
}
