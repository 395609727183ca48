//! The techniques of MITRE ATT&CK (v18) that rules refer to, by number and name.

/// Every technique that a rule names.
const TECHNIQUES: [(&str, &str); 24] = [
    ("T1021.007", "Remote Services: Cloud Services"),
    ("T1036", "Masquerading"),
    ("T1069.003", "Permission Groups Discovery: Cloud Groups"),
    ("T1070", "Indicator Removal"),
    ("T1078.004", "Valid Accounts: Cloud Accounts"),
    ("T1087.004", "Account Discovery: Cloud Account"),
    ("T1098", "Account Manipulation"),
    ("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
    ("T1098.003", "Account Manipulation: Additional Cloud Roles"),
    ("T1110", "Brute Force"),
    ("T1136.003", "Create Account: Cloud Account"),
    ("T1195.002", "Supply Chain Compromise: Compromise Software Supply Chain"),
    ("T1199", "Trusted Relationship"),
    ("T1484.002", "Domain or Tenant Policy Modification: Trust Modification"),
    ("T1528", "Steal Application Access Token"),
    ("T1538", "Cloud Service Dashboard"),
    ("T1548.005", "Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access"),
    ("T1550.001", "Use Alternate Authentication Material: Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Unsecured Credentials: Credentials In Files"),
    ("T1556", "Modify Authentication Process"),
    ("T1562.008", "Impair Defenses: Disable or Modify Cloud Logs"),
    ("T1677", "Poisoned Pipeline Execution"),
    ("T1685.002", "Disable or Modify Cloud Logs (the number of T1562.008 in v19)"),
];

/// Returns the name of a technique.
pub fn technique(number: &str) -> Option<&'static str> {
    TECHNIQUES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}
