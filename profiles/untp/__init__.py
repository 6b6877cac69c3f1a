"""What all versions of UNTP share: the notation of class tables, and schemas, certificates and walks made from them."""
