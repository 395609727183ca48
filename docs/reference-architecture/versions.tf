terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.82"
    }
  }
}

provider "aws" {
  alias  = "tooling"
  region = var.region
  assume_role { role_arn = var.tooling_admin_role_arn }
}

provider "aws" {
  alias  = "prod"
  region = var.region
  assume_role { role_arn = var.prod_admin_role_arn }
}
