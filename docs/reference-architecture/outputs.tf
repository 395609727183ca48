output "entry_role_arn" {
  description = "The first role-to-assume of the workflow"
  value       = aws_iam_role.entry.arn
}

output "deploy_role_arn" {
  description = "The second role-to-assume of the workflow"
  value       = aws_iam_role.deploy.arn
}
