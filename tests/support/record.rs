//! One CloudTrail record, written field by field in the order that CloudTrail uses.

use rolechain::model::time::Timestamp;

use super::json::{Object, array};

/// What `eventType` says of an ordinary API call.
pub(crate) const API_CALL: &str = "AwsApiCall";

/// A record with every field that stories set.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// `userIdentity`, as JSON.
    pub(crate) identity: String,
    /// `eventTime`.
    pub(crate) time: Timestamp,
    /// `eventSource`.
    pub(crate) source: String,
    /// `eventName`.
    pub(crate) name: String,
    /// `awsRegion`.
    pub(crate) region: String,
    /// `sourceIPAddress`.
    pub(crate) ip: String,
    /// `userAgent`.
    pub(crate) agent: String,
    /// `errorCode` and `errorMessage`.
    pub(crate) error: Option<(String, String)>,
    /// `requestParameters`, as JSON; null when there are none.
    pub(crate) parameters: Option<String>,
    /// `responseElements`, as JSON; null when there are none.
    pub(crate) response: Option<String>,
    /// `additionalEventData`, as JSON.
    pub(crate) additional: Option<String>,
    /// `requestID`.
    pub(crate) request_id: String,
    /// `eventID`.
    pub(crate) id: String,
    /// `readOnly`.
    pub(crate) read_only: bool,
    /// `resources`: the roles that are named.
    pub(crate) role_resource: Option<(String, String)>,
    /// `eventType`.
    pub(crate) kind: &'static str,
    /// `recipientAccountId`.
    pub(crate) recipient: String,
    /// `sharedEventID`.
    pub(crate) shared_id: Option<String>,
    /// `tlsDetails.clientProvidedHostHeader`; without it there are no `tlsDetails`.
    pub(crate) host: Option<String>,
    /// `sessionCredentialFromConsole`.
    pub(crate) from_console: bool,
}

impl Event {
    /// Returns the record as JSON text.
    pub(crate) fn json(&self) -> String {
        let (code, message) = match &self.error {
            Some((code, message)) => (Some(code.as_str()), Some(message.as_str()).filter(|text| !text.is_empty())),
            None => (None, None),
        };
        let mut object = Object::new()
            .text("eventVersion", "1.11")
            .raw("userIdentity", &self.identity)
            .text("eventTime", &self.time.to_string())
            .text("eventSource", &self.source)
            .text("eventName", &self.name)
            .text("awsRegion", &self.region)
            .text("sourceIPAddress", &self.ip)
            .text("userAgent", &self.agent)
            .maybe("errorCode", code)
            .maybe("errorMessage", message)
            .raw("requestParameters", self.parameters.as_deref().unwrap_or("null"))
            .raw("responseElements", self.response.as_deref().unwrap_or("null"));
        if let Some(additional) = &self.additional {
            object = object.raw("additionalEventData", additional);
        }
        object = object.text("requestID", &self.request_id).text("eventID", &self.id).flag("readOnly", self.read_only);
        if let Some((account, arn)) = &self.role_resource {
            let role = Object::new().text("accountId", account).text("type", "AWS::IAM::Role").text("ARN", arn);
            object = object.raw("resources", &array(&[role.json()]));
        }
        object = object
            .text("eventType", self.kind)
            .flag("managementEvent", true)
            .text("recipientAccountId", &self.recipient)
            .maybe("sharedEventID", self.shared_id.as_deref())
            .text("eventCategory", "Management");
        if let Some(host) = &self.host {
            let tls = Object::new()
                .text("tlsVersion", "TLSv1.3")
                .text("cipherSuite", "TLS_AES_128_GCM_SHA256")
                .text("clientProvidedHostHeader", host);
            object = object.object("tlsDetails", &tls);
        }
        if self.from_console {
            object = object.text("sessionCredentialFromConsole", "true");
        }
        object.json()
    }
}

/// Returns the display string of `credentials.expiration`: `Nov 3, 2026, 10:15:04 AM`.
pub(crate) fn display(moment: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let iso = moment.to_string();
    let number = |from: usize, to: usize| iso[from..to].parse::<usize>().unwrap_or(0);
    let hour = number(11, 13);
    format!(
        "{} {}, {}, {}:{}:{} {}",
        MONTHS[number(5, 7) - 1],
        number(8, 10),
        &iso[0..4],
        (hour + 11) % 12 + 1,
        &iso[14..16],
        &iso[17..19],
        if hour < 12 { "AM" } else { "PM" },
    )
}
