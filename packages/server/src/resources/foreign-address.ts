import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Where no engine that a caller could name is: nobody, link-local services, many at once. */
const forbidden = new BlockList();
forbidden.addSubnet("0.0.0.0", 8, "ipv4");
forbidden.addSubnet("169.254.0.0", 16, "ipv4");
forbidden.addSubnet("224.0.0.0", 3, "ipv4");
forbidden.addSubnet("::", 128, "ipv6");
forbidden.addSubnet("fe80::", 10, "ipv6");
forbidden.addSubnet("ff00::", 8, "ipv6");

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostName = new RegExp(`^${label}(?:\\.${label})*$`, "i");
const hostNameLengthMax = 253;

/** Whether the text is an IP address or a name that could be looked up, and nothing more. */
export function isHost(text: string): boolean {
  if (isIPv4(text) || isIPv6(text)) return true;
  return text.length <= hostNameLengthMax && hostName.test(text);
}

/** Whether engines may be told to connect there. Names are judged by what they mean. */
export function mayConnectTo(ip: string): boolean {
  const family = isIPv4(ip) ? "ipv4" : "ipv6";
  return !forbidden.check(ip, family);
}
