/**
 * Configuration from a directory: Istio's YAML and Kubernetes-shaped objects, read strictly into immutable records that
 * remember the file and line they came from.
 *
 * <p>The way through: bytes of a file → {@link lateen.control.source.YamlNode positioned tree} → one parser for each
 * kind ({@link lateen.control.source.ConfigKinds}) → {@link lateen.control.source.ConfigObject}. A field that no parser
 * asked for is an error, so nothing is ever silently ignored; the values of EnvoyFilters are read by Envoy's own
 * descriptors ({@link lateen.control.source.ProtoReader}). All problems of all files are reported, not only the first.
 *
 * <p>Threading: parsing is pure; {@link lateen.control.source.DirectoryWatch} owns one thread. Read first: {@link
 * lateen.control.source.ConfigParser}.
 */
package lateen.control.source;
