# The names and ARNs of what the other files make. They are spelled out rather than taken from the resources: so the plan
# shows both trust policies whole, and they can be read and checked before anything is applied.

locals {
  issuer = "token.actions.githubusercontent.com"
  path   = "/ci/"

  tooling_account = split(":", var.tooling_admin_role_arn)[4]
  prod_account    = split(":", var.prod_admin_role_arn)[4]

  entry_role_name  = "gha-${var.repository.name}-${var.environment}"
  deploy_role_name = "ci-deploy-role"

  provider_arn    = "arn:aws:iam::${local.tooling_account}:oidc-provider/${local.issuer}"
  entry_role_arn  = "arn:aws:iam::${local.tooling_account}:role${local.path}${local.entry_role_name}"
  deploy_role_arn = "arn:aws:iam::${local.prod_account}:role${local.path}${local.deploy_role_name}"
}
