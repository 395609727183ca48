variable "region" {
  description = "The region of the providers; the roles are global"
  type        = string
}

variable "tooling_admin_role_arn" {
  description = "Who applies this in the tooling account"
  type        = string
}

variable "prod_admin_role_arn" {
  description = "Who applies this in the production account"
  type        = string
}

variable "github_owner" {
  description = "The owner on GitHub: its name and its number, which no other owner will ever have"
  type        = object({ name = string, id = number })
}

variable "repository" {
  description = "The repository that deploys: its name and its number"
  type        = object({ name = string, id = number })
}

variable "environment" {
  description = "The GitHub environment whose protection rules guard the deployment"
  type        = string
  default     = "prod"
}

variable "external_id" {
  description = "What the entry role must say to become the deploy role: one value for each pair of roles, not a secret"
  type        = string

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "An ExternalId that can be guessed guards nothing: take a UUID."
  }
}

variable "deploy_policy_json" {
  description = "What a deployment may do in production"
  type        = string
}
