//! Whom connections trust when a bundle of certificates is configured: proxies that look into TLS have their own.

use std::io::Read as _;
use std::path::Path;

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::source::open_document;

/// More of a bundle is not read: those of operating systems have a few hundred kilobytes.
const LONGEST: u64 = 16 << 20;

/// Makes the SDK's own client, but with the certificates of a file (PEM) in place of the system's.
pub(super) fn https(bundle: &str) -> Result<SharedHttpClient, String> {
    let cannot = |why: &dyn std::fmt::Display| format!("AWS_CA_BUNDLE or ca_bundle is {bundle}: {why}");
    let mut pem = Vec::new();
    let file = open_document(Path::new(bundle)).map_err(|error| cannot(&error))?;
    file.take(LONGEST).read_to_end(&mut pem).map_err(|error| cannot(&error))?;
    // The SDK takes it for granted that they can be read.
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| cannot(&"it is not PEM"))?;
        roots.add(certificate).map_err(|error| cannot(&error))?;
    }
    if roots.is_empty() {
        return Err(cannot(&"there is no certificate in it (PEM)"));
    }
    let store = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(store).build().map_err(|error| cannot(&error))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::https;

    #[test]
    fn a_bundle_that_is_none_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let name = file.to_str().unwrap();
        for (text, word) in [
            (None, "ca.pem"),
            (Some(""), "no certificate"),
            (Some("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n"), "PEM"),
            (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "ca.pem"),
        ] {
            if let Some(text) = text {
                fs::write(&file, text).unwrap();
            }
            let error = https(name).unwrap_err();
            assert!(error.contains(name) && error.contains(word), "{error}");
        }
    }
}
