//! TLS 1.3 between gates. There are no certificates: each side shows its device's bare public key (RFC 7250)
//! and signs the handshake with the other half. A gate takes exactly the key that the signed bundle names
//! for the hub; the hub takes any key here and lets nobody ask before a credential of the installation has
//! named it ([`super::Door`]).

use std::sync::Arc;

use kaisatsu_shared::key::{DeviceKey, DevicePublic};
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureAlgorithm, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        AlwaysResolvesServerRawPublicKeys,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::{CertifiedKey, Signer, SigningKey},
    version::TLS13,
};

/// What precedes the 32 bytes of an Ed25519 public key in a SubjectPublicKeyInfo (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// How a gate speaks to the hub whose key is `hub`.
///
/// # Errors
/// If this build of TLS lacks TLS 1.3.
pub(crate) fn client_config(key: Arc<DeviceKey>, hub: DevicePublic) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Peer::of(&provider, Some(hub)));
    let mine = Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified(key)));
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(mine))
}

/// How the hub speaks to gates.
///
/// # Errors
/// If this build of TLS lacks TLS 1.3.
pub(super) fn server_config(key: Arc<DeviceKey>) -> Result<ServerConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Peer::of(&provider, None));
    let mine = Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified(key)));
    Ok(ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(mine))
}

/// The key that the other side has proven.
pub(super) fn peer(shown: Option<&[CertificateDer<'_>]>) -> Option<DevicePublic> {
    public(shown?.first()?)
}

fn public(shown: &CertificateDer<'_>) -> Option<DevicePublic> {
    let key = shown.as_ref().strip_prefix(&SPKI[..])?;
    DevicePublic::from_bytes(key.try_into().ok()?)
}

fn certified(key: Arc<DeviceKey>) -> Arc<CertifiedKey> {
    let shown = [SPKI.as_slice(), &key.public().to_bytes()].concat();
    Arc::new(CertifiedKey::new(vec![CertificateDer::from(shown)], Arc::new(Handshakes(key))))
}

/// Signs handshakes, and nothing else, with the device's key.
#[derive(Clone, Debug)]
struct Handshakes(Arc<DeviceKey>);

impl SigningKey for Handshakes {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let known = offered.contains(&SignatureScheme::ED25519);
        known.then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for Handshakes {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.0.sign_handshake(message);
        let signature = signature.ok_or_else(|| Error::General("no TLS 1.3 handshake".into()))?;
        Ok(signature.0.to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Takes bare device keys: one, or any.
#[derive(Debug)]
struct Peer {
    expected: Option<DevicePublic>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Peer {
    fn of(provider: &CryptoProvider, expected: Option<DevicePublic>) -> Self {
        Self { expected, algorithms: provider.signature_verification_algorithms }
    }

    fn check(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        let known = public(shown).filter(|key| self.expected.is_none_or(|it| it == *key));
        known.map(|_| ()).ok_or_else(|| Error::General("another key than the device's".into()))
    }

    fn signed(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }
}

fn only_tls13() -> Error {
    Error::General("only TLS 1.3 is spoken".into())
}

impl ServerCertVerifier for Peer {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(shown).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_tls13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Peer {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(shown).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_tls13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
